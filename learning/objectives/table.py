"""The table of objectives: a new one is one file with its class and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from learning.objectives.divide_and_conquer_options import DivideAndConquerOptions
from learning.options.member import Member

_HERE = "learning.objectives"

OBJECTIVES: Mapping[str, Member] = {
    "none": Member(f"{_HERE}.objective:Objective"),
    "dnc": Member(f"{_HERE}.divide_and_conquer:DivideAndConquer", DivideAndConquerOptions),
    "pcgrad": Member(f"{_HERE}.pcgrad:PCGrad"),
}
"""Objectives by name."""
