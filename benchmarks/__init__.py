"""Speed, measured beside something else in the same run."""

import learning  # noqa: F401  (before torch: it says how torch's threads wait)
