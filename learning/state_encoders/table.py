"""The table of state encoders: a new one is one file with its class and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from learning.options.member import Member
from learning.state_encoders.care_options import CareOptions
from learning.state_encoders.task_embedding_options import TaskEmbeddingOptions

_HERE = "learning.state_encoders"

STATE_ENCODERS: Mapping[str, Member] = {
    "none": Member(None),
    "task_embedding": Member(f"{_HERE}.task_embedding:TaskEmbeddingEncoder", TaskEmbeddingOptions),
    "care": Member(f"{_HERE}.care:CareEncoder", CareOptions),
}
"""State encoders by name; "none": policies and critics see the state as it is."""
