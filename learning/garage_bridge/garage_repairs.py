"""What garage 2021.3.0 needs before it can be imported on today's Python.

Each repair is one function whose docstring says what it repairs and when it can be deleted;
``tests/garage_bridge/test_garage_compat.py`` fails as soon as one of them is no longer needed. This
module imports neither garage nor torch, so that worker processes can prepare themselves cheaply.
"""

import importlib
import os
import pathlib
import sys
import types
import warnings
from collections.abc import Callable

import numpy as np

# (message, module of garage): as narrow as the warnings module allows. pyproject.toml repeats the
# two lines for pytest, which sets its own filters for every test.
KNOWN_WARNINGS = (
    ("Enabeling deterministic mode in PyTorch", "garage.experiment.deterministic"),
    ("Converting a tensor with requires_grad=True", "garage.torch.algos.sac"),
)

RAY_SAMPLER = "garage.sampler.ray_sampler"
"""Module of garage that imports Ray."""


def alias_gymnasium() -> None:
    """Let ``import gym`` mean Gymnasium, for garage and akro.

    The unmaintained gym package does not support NumPy 2, and akro's spaces have to be the spaces
    that today's environments use. The alias stays: garage's environment wrappers import gym when
    they are first used. A gym that is installed as well is not touched, only hidden.

    Not needed when garage and akro import gymnasium themselves.
    """
    for name in ("", ".spaces", ".wrappers"):
        sys.modules[f"gym{name}"] = importlib.import_module(f"gymnasium{name}")


def stand_in_for_tensorflow() -> None:
    """Stand in for ``garage.tf.samplers``, which imports TensorFlow.

    ``garage.sampler.worker_factory`` imports one class from it, for TensorFlow policies, which are
    not supported here: asking for one is an error.

    Not needed when garage imports without TensorFlow (garage issue 2326; on its master branch, in
    no release).
    """
    package, samplers = types.ModuleType("garage.tf"), types.ModuleType("garage.tf.samplers")
    package.__path__ = []
    samplers.TFWorkerClassWrapper = _absent("garage.tf", "use the torch policies")  # type: ignore[attr-defined]
    sys.modules["garage.tf"] = package
    sys.modules["garage.tf.samplers"] = samplers


def stand_in_for_ray() -> None:
    """Stand in for ``garage.sampler.ray_sampler`` where Ray has not been imported.

    ``garage.sampler`` imports it without asking, and it Ray, for which every process would pay with
    memory and time, and with what Ray changes in it. ``learning.garage_bridge.ray_sampler`` puts
    garage's module in the stand-in's place.

    Not needed when garage.sampler imports without Ray.
    """
    if sys.modules.get("ray") is None:
        module = types.ModuleType(RAY_SAMPLER)
        hint = "import it from learning.garage_bridge.ray_sampler"
        module.RaySampler = _absent(f"{RAY_SAMPLER}.RaySampler", hint)  # type: ignore[attr-defined]
        sys.modules[RAY_SAMPLER] = module


def name_numpy_bool8() -> None:
    """Give ``np.bool8`` back, an old name of ``np.bool_`` that NumPy 2 removed.

    garage's ``LogEncoder`` uses it whenever an experiment's arguments are written as JSON.

    Not needed when garage.experiment.experiment stops using it.
    """
    if "bool8" not in vars(np):
        np.bool8 = np.bool_  # type: ignore[attr-defined]


def ignore_known_warnings() -> None:
    """Ignore the warnings that only garage's authors could act upon (``KNOWN_WARNINGS``).

    A warning at every seeding, and torch's remark on how SAC logs its temperature.

    Not needed when garage's SAC trains without them.
    """
    for message, module in KNOWN_WARNINGS:
        # The filter matches from the start; its end has to be said.
        pattern = module.replace(".", r"\.") + r"\Z"
        warnings.filterwarnings("ignore", message=message, category=UserWarning, module=pattern)


def declare_tanh_normal_constraints() -> None:
    """Declare, after garage is imported, that ``TanhNormal`` has no argument constraints.

    torch warns at each construction of a distribution that does not say so.

    Not needed when garage's TanhNormal has ``arg_constraints``.
    """
    importlib.import_module("garage.torch.distributions").TanhNormal.arg_constraints = {}


BEFORE_IMPORT: tuple[Callable[[], None], ...] = (
    alias_gymnasium,
    stand_in_for_tensorflow,
    stand_in_for_ray,
    name_numpy_bool8,
    ignore_known_warnings,
)


def prepare_worker() -> None:
    """Prepare a worker process that will import garage; Ray's ``worker_process_setup_hook``."""
    for repair in BEFORE_IMPORT:
        repair()


def ray_runtime_env() -> dict[str, object]:
    """Build Ray's ``runtime_env`` for worker processes that import garage.

    Returns:
        The set-up hook, and the path by which the workers find this project: on a cluster, the same
        on all its machines.
    """
    paths = [str(pathlib.Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return {
        "worker_process_setup_hook": "learning.garage_bridge.garage_repairs.prepare_worker",
        "env_vars": {"PYTHONPATH": os.pathsep.join(path for path in paths if path)},
    }


def _absent(package: str, hint: str) -> type:
    """Build the stand-in for a class of a package that is not here.

    Args:
        package: Name of the missing package.
        hint: What the user can do.

    Returns:
        A class whose construction raises ImportError.
    """

    def refuse(self: object, *args: object, **kwargs: object) -> None:
        raise ImportError(f"{package} is not available: {hint}")

    return type("Absent", (), {"__init__": refuse})
