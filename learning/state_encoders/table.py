"""The table of state encoders: a new one is one file with its class and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from learning.options.member import Member
from learning.state_encoders.care_options import CareOptions

_HERE = "learning.state_encoders"

STATE_ENCODERS: Mapping[str, Member] = {
    "none": Member(None),
    "care": Member(f"{_HERE}.care:CareEncoder", CareOptions),
}
"""State encoders by name; "none": policies and critics see the state as it is."""
