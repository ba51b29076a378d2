"""Imports Ray where it is wanted, and nowhere else: an installed Ray changes nothing by itself."""

from __future__ import annotations

import importlib
from typing import Any

from learning.errors import RayError


def import_ray(wanted_by: str) -> Any:
    """Import Ray.

    Args:
        wanted_by: What needs it, for the message: an option.

    Returns:
        The module (its own types are half there).

    Raises:
        RayError: Ray is not installed.
    """
    try:
        ray: Any = importlib.import_module("ray")
    except ModuleNotFoundError as error:
        raise RayError(f"{wanted_by} needs Ray: pip install -r requirements-ray.txt") from error
    # Ray imports this when the process exits, and it evaluates annotations that are text. CPython
    # takes an evaluation of text as a sign that a KeyboardInterrupt has been dealt with: after
    # Ctrl-C the process would exit with 1 and not end by SIGINT, as shells and schedulers expect.
    importlib.import_module("ray.dag.compiled_dag_node")
    return ray


def ask_for_token(ray: Any) -> None:
    """Let Ray see that it is to ask for its token, as `learning.ray_access.token` has it.

    Args:
        ray: The module.
    """
    # Ray reads its mode when it is imported, which others may have done before; Ray 2.60 has no
    # public way to make it read again, and refuses to join a cluster that has a token.
    ray._raylet.Config.initialize("")
