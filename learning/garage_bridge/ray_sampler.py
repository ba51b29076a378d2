"""garage's RaySampler on today's Ray; importing this imports Ray.

`garage_compat` does without, since garage imports Ray wherever it is installed, whoever samples.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
import types
from typing import Any

import click

from learning.errors import RayError
from learning.garage_bridge.garage_compat import EpisodeBatch
from learning.garage_bridge.garage_repairs import RAY_SAMPLER, ray_runtime_env
from learning.ray_access.importing import ask_for_token, import_ray
from learning.ray_access.token import protect_own_token, protect_token

ADDRESS = "RAY_ADDRESS"
"""Variable, Ray's own, that names the cluster to sample on: `auto` or HOST:PORT."""


def _garages_module() -> Any:
    """Return garage's module, in place of the stand-in for it."""
    module = sys.modules[RAY_SAMPLER]
    # A stand-in comes from no file.
    if "__file__" in vars(module):
        return module
    del sys.modules[RAY_SAMPLER]
    module = importlib.import_module(RAY_SAMPLER)
    sys.modules["garage.sampler"].RaySampler = module.RaySampler  # type: ignore[attr-defined]
    return module


def start_ray(n_workers: int) -> bool:
    """Start Ray where this process has not: processes of its own, or those of a cluster.

    Args:
        n_workers: Workers there must be room for, a core each.

    Returns:
        Whether it was started here; who starts it ends it.

    Raises:
        RayError: There is no cluster at the address of `RAY_ADDRESS`, its token authentication is
            off, or it has too few cores.
    """
    if ray.is_initialized():
        return False
    shared: dict[str, Any] = {
        "log_to_driver": False,
        "logging_level": "warning",
        "runtime_env": ray_runtime_env(),
    }
    address = os.environ.get(ADDRESS)
    if address is None:
        protect_own_token()
        ask_for_token(ray)
        # What a run does is nobody else's affair.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(address="local", num_cpus=n_workers, include_dashboard=False, **shared)
        return True
    protect_token()
    ask_for_token(ray)
    try:
        ray.init(address=address, **shared)
    except ConnectionError as error:
        raise RayError(
            f"there is no Ray cluster at {ADDRESS}={address}: unset it to sample on this machine, "
            f"or begin one with `ray start --head` (docs/cluster.md). {error}"
        ) from error
    cores = int(ray.cluster_resources().get("CPU", 0))
    if cores < n_workers:
        ray.shutdown()
        raise RayError(f"the cluster has {cores} cores: give --n_workers at most as many")
    return True


ray = import_ray("--sampler ray")
_module = _garages_module()
# Its bar would be drawn into the middle of the run's own; where there is no terminal it would print
# a line for every collection.
_module.click = types.SimpleNamespace(progressbar=functools.partial(click.progressbar, hidden=True))
SamplerWorker = _module.SamplerWorker


class RaySampler(_module.RaySampler):  # type: ignore[name-defined,misc]
    """garage's RaySampler, whose worker processes prepare themselves before they import garage.

    Where Ray has been started already, it must have been started with the `runtime_env` of
    `learning.garage_bridge.garage_repairs.ray_runtime_env()`; it is then left running at the end.

    Args:
        agents: See garage's.
        envs: See garage's.
        n_workers: Number of worker processes.
        worker_options: Ray's options of an actor.
        arguments: garage's other arguments.

    Raises:
        RayError: Ray cannot be used; see `start_ray`.
    """

    worker_class: Any = SamplerWorker
    """What runs in a worker process."""

    def __init__(self, agents: Any, envs: Any, *, n_workers: int, **arguments: Any) -> None:
        self._is_ours = start_ray(n_workers)
        try:
            super().__init__(agents, envs, n_workers=n_workers, **arguments)
        except BaseException:
            self._end_ray()
            raise

    def start_worker(self) -> None:
        """Start the workers, a core each; Ray replaces none that is gone."""
        self._sampler_worker = ray.remote(num_cpus=1, max_restarts=0)(self.worker_class)
        super().start_worker()

    def _update_workers(self, agent_update: Any, env_update: Any) -> list[Any]:
        """Send an update to all workers; garage would keep a copy of it for each of them."""
        if isinstance(agent_update, list) or env_update is not None:
            updating: list[Any] = super()._update_workers(agent_update, env_update)
            return updating
        update = ray.put(agent_update)
        return [worker.update.remote(update, None) for worker in self._all_workers.values()]

    def obtain_exact_episodes(
        self, n_eps_per_worker: int, agent_update: Any, env_update: Any = None
    ) -> EpisodeBatch:
        """Gather as garage does.

        Raises:
            RayError: A worker is gone.
        """
        try:
            return super().obtain_exact_episodes(n_eps_per_worker, agent_update, env_update)
        except ray.exceptions.RayActorError as error:
            reason = str(error).strip().splitlines() or [type(error).__name__]
            raise RayError(
                f"a worker of Ray is gone, for lack of memory or with its machine ({reason[0]}): "
                "fewer --n_workers need less memory"
            ) from error

    def shutdown_worker(self) -> None:
        """End the workers, and Ray where this sampler has started it; safe to call again."""
        while self._all_workers:
            _, worker = self._all_workers.popitem()
            ray.kill(worker)
        self._end_ray()

    def _end_ray(self) -> None:
        if self._is_ours:
            self._is_ours = False
            ray.shutdown()
