"""What the tasks' networks hold in common."""

from __future__ import annotations

from typing import Literal

Sharing = Literal["nothing", "some", "everything"]
