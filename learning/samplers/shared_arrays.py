"""The arrays through which environments and their user exchange numbers.

With worker processes the arrays lie in memory without a name (an anonymous file, mapped by the
parent and by every worker): there is nothing to unlink, so nothing can be left behind however a
process ends, which a named `multiprocessing.shared_memory` segment cannot promise.
"""

import dataclasses
import mmap
import os
import tempfile

import numpy as np
import numpy.typing as npt


@dataclasses.dataclass(frozen=True, kw_only=True)
class ArraySizes:
    """Sizes that the layout of the arrays follows from.

    Attributes:
        n_tasks: Number of tasks, T.
        observation_size: Size of an observation, O.
        action_size: Size of an action, A.
        n_infos: Number of info values of a step, K.
        n_relabelled: Number of rewards that a step has beside its own, R: T where it also has the
            reward that every task would have given for it, else 0.
    """

    n_tasks: int
    observation_size: int
    action_size: int
    n_infos: int
    n_relabelled: int = 0

    @property
    def n_float32(self) -> int:
        """Number of float32 values: observations, next observations, all rewards, actions."""
        per_task = 2 * self.observation_size + 1 + self.n_relabelled + self.action_size
        return self.n_tasks * per_task

    @property
    def n_float64(self) -> int:
        """Number of float64 values: infos."""
        return self.n_tasks * self.n_infos

    @property
    def n_bytes(self) -> int:
        """Bytes of all arrays: float64 first, then float32, then three bools a task."""
        # From wide to narrow, so that every number is aligned.
        return 8 * self.n_float64 + 4 * self.n_float32 + 3 * self.n_tasks


class SharedArrays:
    """Views of one piece of memory, a row a task.

    Args:
        sizes: Sizes of the arrays.
        memory: Writable buffer of at least `sizes.n_bytes` bytes.

    Attributes:
        observations: Observations after any automatic reset, float32 [T, O].
        next_observations: Observations before any automatic reset, float32 [T, O].
        rewards: Rewards, float32 [T].
        rewards_of_all_tasks: In row i the reward that every task would have given for task i's
            step, float32 [T, R].
        actions: Actions, float32 [T, A].
        infos: Values of the infos, float64 [T, K].
        terminated: Whether the episode has truly ended, bool [T].
        truncated: Whether the time limit was reached, bool [T].
        active: Whether to step the row, bool [T].
        checked: Observations, next observations and all rewards as one vector, for a single test
            that all of them are finite, float32 [T * (2 * O + 1 + R)].
    """

    def __init__(self, sizes: ArraySizes, memory: mmap.mmap | bytearray) -> None:
        tasks, observation, action = sizes.n_tasks, sizes.observation_size, sizes.action_size
        raw = np.frombuffer(memory, np.uint8, sizes.n_bytes)
        bools = 8 * sizes.n_float64 + 4 * sizes.n_float32
        floats: npt.NDArray[np.float32] = raw[8 * sizes.n_float64 : bools].view(np.float32)
        flags: npt.NDArray[np.bool_] = raw[bools:].view(np.bool_)
        rows = tasks * observation
        self.infos: npt.NDArray[np.float64] = (
            raw[: 8 * sizes.n_float64].view(np.float64).reshape(tasks, sizes.n_infos)
        )
        self.observations = floats[:rows].reshape(tasks, observation)
        self.next_observations = floats[rows : 2 * rows].reshape(tasks, observation)
        self.rewards = floats[2 * rows : 2 * rows + tasks]
        end = 2 * rows + tasks + tasks * sizes.n_relabelled
        self.rewards_of_all_tasks = floats[2 * rows + tasks : end].reshape(
            tasks, sizes.n_relabelled
        )
        self.checked = floats[:end]
        self.actions = floats[end:].reshape(tasks, action)
        self.terminated, self.truncated, self.active = flags.reshape(3, tasks)


def anonymous_file(n_bytes: int) -> int:
    """Make a file of zeros without a name, whose memory ends with its last user.

    Args:
        n_bytes: Size of the file.

    Returns:
        A file descriptor, the caller's to close.
    """
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("environment_arrays")
    else:
        with tempfile.TemporaryFile() as file:
            # The second descriptor keeps the file when `file` is closed.
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, n_bytes)
    return descriptor


def map_file(descriptor: int, sizes: ArraySizes) -> SharedArrays:
    """Map an anonymous file as arrays; the descriptor may be closed afterwards."""
    return SharedArrays(sizes, mmap.mmap(descriptor, sizes.n_bytes))
