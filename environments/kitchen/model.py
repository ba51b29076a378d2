"""The kitchen's model out of the installed gymnasium-robotics, read once a process."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path

import mujoco

_MODEL = Path("envs/assets/kitchen_franka/kitchen_assets/kitchen_env_model.xml")


@functools.cache
def kitchen_model() -> mujoco.MjModel:
    """Return the model that all kitchen environments of this process share; never write to it.

    Raises:
        ModuleNotFoundError: The package gymnasium-robotics is not installed.
    """
    # The package itself takes long to import, prints advice, and is not needed.
    spec = importlib.util.find_spec("gymnasium_robotics")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            "the kitchen needs gymnasium-robotics: pip install -r requirements.txt"
        )
    return mujoco.MjModel.from_xml_path(str(Path(spec.submodule_search_locations[0]) / _MODEL))
