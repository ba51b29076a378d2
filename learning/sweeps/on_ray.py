"""A sweep's runs on a Ray cluster: one task a run, which starts `run.py` where Ray puts it.

The driver is the same as without Ray. The nodes need the repository, its Python and the folder of
the runs at the same paths (a shared file system), so that what a lost node leaves is resumed on
another.
"""

from __future__ import annotations

import os
import pathlib
import time
from collections.abc import Sequence
from typing import Any

from learning.errors import RayError
from learning.ray_access.importing import ask_for_token, import_ray
from learning.ray_access.token import protect_token
from learning.sweeps.child import Child
from learning.sweeps.commands import RUN_PY

LOST = -9
"""Exit code of a run whose node or worker is gone, as of one that was killed."""

_STOPPED = 130
_POLL = 0.5
_GRACE = 15.0


class OnRay:
    """Starts runs as tasks of a Ray cluster.

    Ray itself tries no task again: it would begin a run anew, where the sweep resumes it.

    Args:
        address: The cluster: `auto` where this machine is a node of it, or `HOST:PORT`.
        cpus: Cores that each run is given.
        gpus: GPUs that each run is given; a share of one, to have several runs on it.

    Attributes:
        slots: How many runs the cluster takes at a time, as it is now.

    Raises:
        RayError: Ray is not installed, there is no cluster, its token authentication is off, or
            nowhere in it is there room for a run.
    """

    def __init__(self, address: str, *, cpus: float, gpus: float) -> None:
        ray = import_ray("--ray")
        protect_token()
        ask_for_token(ray)
        try:
            ray.init(
                address=address,
                log_to_driver=False,
                # The worker finds this module by it, and nothing is copied anywhere.
                runtime_env={"env_vars": {"PYTHONPATH": str(RUN_PY.parent)}},
            )
        except ConnectionError as error:
            raise RayError(
                f"there is no Ray cluster at {address!r}: `ray start --head` begins one "
                f"(docs/cluster.md). {error}"
            ) from error
        self._ray = ray
        self._train = self._ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=0, max_calls=1)(
            _train
        )
        self.slots = sum(
            _room(node["Resources"], cpus=cpus, gpus=gpus)
            for node in self._ray.nodes()
            if node["Alive"]
        )
        if not self.slots:
            raise RayError(f"no node of the cluster has {cpus:g} CPUs and {gpus:g} GPUs for a run")

    def __call__(self, words: Sequence[str], log: pathlib.Path) -> RayRun:
        """Start a run; see `learning.sweeps.driver.Launch`."""
        log.parent.mkdir(parents=True, exist_ok=True)
        place = str(log.resolve())
        return RayRun(self._ray, self._train.remote(list(words), place, os.getcwd()), log)

    def close(self) -> None:
        """Leave the cluster."""
        self._ray.shutdown()


class RayRun:
    """A run that a cluster was given.

    Args:
        ray: The module.
        reference: Ray's reference to the task's result.
        log: The run's log, where it is said if its node was lost.
    """

    def __init__(self, ray: Any, reference: Any, log: pathlib.Path) -> None:
        self._ray = ray
        self._reference = reference
        self._log = log
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return its exit code; None while it runs or waits for room."""
        if self._code is None and self._ray.wait([self._reference], timeout=0)[0]:
            try:
                self._code = self._ray.get(self._reference)
            except self._ray.exceptions.TaskCancelledError:
                self._code = _STOPPED
            except self._ray.exceptions.RayError as error:
                reason = str(error).strip().splitlines() or [type(error).__name__]
                with self._log.open("a", encoding="utf-8") as file:
                    file.write(f"\n=== lost: {type(error).__name__}: {reason[0]}\n")
                self._code = LOST
        return self._code

    def stop(self) -> None:
        """Ask it to end, as Ctrl-C does."""
        self._ray.cancel(self._reference, force=False)

    def kill(self) -> None:
        """End it, where it still runs."""
        if self.poll() is None:
            self._ray.cancel(self._reference, force=True)


def _room(resources: dict[str, float], *, cpus: float, gpus: float) -> int:
    rooms = [
        int(resources.get(name, 0.0) / each)
        for name, each in (("CPU", cpus), ("GPU", gpus))
        if each
    ]
    return min(rooms, default=1)


def _train(words: list[str], log: str, folder: str) -> int:
    """Run on a node: start the command there, wait for it, and return its exit code."""
    child = Child(words, pathlib.Path(log), folder=pathlib.Path(folder))
    try:
        while (code := child.poll()) is None:
            time.sleep(_POLL)
        return code
    finally:
        # Cancelled: Ray raises KeyboardInterrupt here.
        child.stop()
        deadline = time.monotonic() + _GRACE
        while child.poll() is None and time.monotonic() < deadline:
            time.sleep(_POLL)
        child.kill()
