"""Faster helpers for a Meta-World class that runs its own code, without touching Meta-World.

A Python function finds its module's names in the namespace it was made with. Here each method of
an environment class is made a second time, of the same code but with a private copy of that
namespace, in which `numpy`, `reward_utils`, `tolerance`, `Rotation` and the class itself are ours.
"""

from __future__ import annotations

import functools
import sys
import types
from typing import Any

import numpy as np
from metaworld.utils import reward_utils
from scipy.spatial.transform import Rotation

from environments.metaworld_fast.quaternions import RotationStandIn
from environments.metaworld_fast.small_arrays import numpy_stand_in
from environments.metaworld_fast.stepping import FastSawyerEnv
from environments.metaworld_fast.tolerance import reward_utils_stand_in, tolerance

_STAND_INS: tuple[tuple[Any, Any], ...] = (
    (np, numpy_stand_in),
    (reward_utils, reward_utils_stand_in),
    (reward_utils.tolerance, tolerance),
    (Rotation, RotationStandIn),
)


@functools.cache
def fast_class(env_class: Any) -> Any:
    """Return the faster subclass of a Meta-World environment class, of the same name.

    Args:
        env_class: One of `metaworld.env_dict.ALL_V3_ENVIRONMENTS`.

    Raises:
        TypeError: The class overrides what the faster step replaces, so that nothing shows that
            the two would agree.
    """
    own = [base for base in env_class.__mro__ if base.__module__.startswith("metaworld.")]
    general = [base for base in own if base in FastSawyerEnv.__mro__]
    overridden = {
        name
        for base in own
        if base not in general
        for name in vars(base)
        # Every class has names such as `__module__`: these override nothing.
        if name in vars(FastSawyerEnv) and not name.startswith("__")
    }
    if overridden or not general:
        raise TypeError(f"no fast step for {env_class.__name__}: it overrides {sorted(overridden)}")
    members: dict[str, Any] = {}
    namespaces: list[dict[str, Any]] = []
    # The general classes first, so that the members of those derived from them win.
    for base in reversed(own):
        namespace = _private_namespace(sys.modules[base.__module__])
        namespaces.append(namespace)
        for name, member in vars(base).items():
            if not name.startswith("__"):
                members[name] = _rebound_member(member, namespace)
    rebound = type(env_class.__name__, (env_class,), members)
    fast = type(env_class.__name__, (FastSawyerEnv, rebound), {})
    for namespace in namespaces:
        for name, value in namespace.items():
            if value is env_class:
                namespace[name] = fast
    return fast


def _private_namespace(module: types.ModuleType) -> dict[str, Any]:
    namespace = dict(vars(module))
    for name, value in namespace.items():
        for original, stand_in in _STAND_INS:
            if value is original:
                namespace[name] = stand_in
    return namespace


def _rebound_member(member: Any, namespace: dict[str, Any]) -> Any:
    """Rebind what a class holds under a name; what is no function comes back as it is."""
    if isinstance(member, types.FunctionType):
        return _rebound(member, namespace)
    if isinstance(member, staticmethod):
        return staticmethod(_rebound(member.__func__, namespace))
    if isinstance(member, property) and isinstance(member.fget, types.FunctionType):
        return property(_rebound(member.fget, namespace), member.fset, member.fdel)
    return member


def _rebound(function: Any, namespace: dict[str, Any]) -> types.FunctionType:
    """Make the function again on `namespace`, with the functions that it wraps."""
    cells = tuple(
        types.CellType(_rebound(cell.cell_contents, namespace))
        if isinstance(cell.cell_contents, types.FunctionType)
        else cell
        for cell in function.__closure__ or ()
    )
    rebound = types.FunctionType(
        function.__code__, namespace, function.__name__, function.__defaults__, cells
    )
    rebound.__kwdefaults__ = function.__kwdefaults__
    rebound.__dict__.update(function.__dict__)
    return rebound
