"""What runs say of a claim."""

from __future__ import annotations

import dataclasses
from typing import Literal


@dataclasses.dataclass(frozen=True, kw_only=True)
class Verdict:
    """What runs say of a claim.

    Attributes:
        claim: The claim.
        verdict: Whether the runs bear it out.
        because: The numbers that say so, or what they lack.
    """

    claim: str
    verdict: Literal["held", "not held", "cannot tell"]
    because: str
