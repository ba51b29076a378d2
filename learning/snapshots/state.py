"""What a part of a run needs to go on: arrays, and plain values that JSON can hold."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from learning.errors import SnapshotError


@dataclasses.dataclass(frozen=True, kw_only=True)
class State:
    """The state of one part, or of a whole run.

    Attributes:
        arrays: Arrays by name.
        values: Numbers, strings, lists and mappings of them, by name.
    """

    arrays: dict[str, npt.NDArray[Any]] = dataclasses.field(default_factory=dict)
    values: dict[str, Any] = dataclasses.field(default_factory=dict)

    def put(self, part: str, state: State) -> None:
        """Take in the state of a part under its name."""
        self.arrays.update({f"{part}/{key}": array for key, array in state.arrays.items()})
        self.values[part] = state.values

    def part(self, part: str) -> State:
        """Return the state that was taken in under this name.

        Raises:
            SnapshotError: There is none.
        """
        if part not in self.values:
            raise SnapshotError(f"the snapshot lacks the state of {part!r}")
        prefix = f"{part}/"
        arrays = {
            key.removeprefix(prefix): array
            for key, array in self.arrays.items()
            if key.startswith(prefix)
        }
        return State(arrays=arrays, values=self.values[part])

    def value(self, key: str) -> Any:
        """Return a plain value.

        Raises:
            SnapshotError: There is none of this name.
        """
        if key not in self.values:
            raise SnapshotError(f"the snapshot lacks the value {key!r}")
        return self.values[key]

    def array(self, key: str) -> npt.NDArray[Any]:
        """Return an array.

        Raises:
            SnapshotError: There is none of this name.
        """
        if key not in self.arrays:
            raise SnapshotError(f"the snapshot lacks the array {key!r}")
        return self.arrays[key]


def arrays_of(tensors: Mapping[str, torch.Tensor]) -> dict[str, npt.NDArray[Any]]:
    """Return copies of tensors as arrays on the CPU."""
    # On the CPU `numpy()` shares the tensor's memory.
    return {key: np.array(tensor.detach().cpu().numpy()) for key, tensor in tensors.items()}


@torch.no_grad()
def fill_tensors(
    tensors: Mapping[str, torch.Tensor], arrays: Mapping[str, npt.NDArray[Any]]
) -> None:
    """Copy arrays into tensors of the same names and shapes.

    Raises:
        SnapshotError: Names or shapes differ; nothing has been copied then.
    """
    if tensors.keys() != arrays.keys():
        raise SnapshotError(
            "the snapshot is of other networks: it differs in "
            + ", ".join(sorted(tensors.keys() ^ arrays.keys())[:5])
        )
    for key, tensor in tensors.items():
        if tuple(tensor.shape) != arrays[key].shape:
            raise SnapshotError(
                f"the snapshot is of other networks: {key} has shape {arrays[key].shape} there "
                f"and {tuple(tensor.shape)} here"
            )
    for key, tensor in tensors.items():
        tensor.copy_(torch.from_numpy(arrays[key]))
