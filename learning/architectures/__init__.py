"""The parameter axis: what the networks of the tasks hold in common."""

from learning.architectures.architecture import Architecture
from learning.architectures.registry import architecture_names, build_architecture

__all__ = ["Architecture", "architecture_names", "build_architecture"]
