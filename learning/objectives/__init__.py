"""The objective axis: how the tasks' losses and gradients meet.

A new objective is one file with its class and one line here.
"""

from collections.abc import Mapping

from learning.objectives.divide_and_conquer import DivideAndConquer
from learning.objectives.objective import Backward, Objective, ObjectiveParts, Part
from learning.objectives.pcgrad import PCGrad

OBJECTIVES: Mapping[str, type[Objective]] = {
    "none": Objective,
    "dnc": DivideAndConquer,
    "pcgrad": PCGrad,
}
"""Objectives by name."""

__all__ = ["OBJECTIVES", "Backward", "Objective", "ObjectiveParts", "Part"]
