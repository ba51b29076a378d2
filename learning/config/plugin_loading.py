"""Plug-ins: a user's own file whose members, methods and task sets join the tables.

The file defines some of these, shaped as the project's own tables are:

    BEHAVIOURS = {"my_mixture": MyMixture}         name -> subclass of MixturePolicy
    STATE_ENCODERS = {"my_encoder": MyEncoder}     name -> subclass of StateEncoder
    ARCHITECTURES = {"my_trunk": MyTrunk}          name -> subclass of Architecture
    DATA_SHARINGS = {"my_data": MyData}            name -> subclass of DataSharing
    OBJECTIVES = {"my_loss": MyObjective}          name -> subclass of Objective
    TASK_SETS = {"MyTasks-v0": MyTaskSet}          id -> subclass of TaskSet
    PRESETS = {"MyTasks-v0": {"n_epochs": Value(100, "chosen by me")}}
    METHODS = (Method(name="my_method", behaviour="my_mixture", summary="...", paper="..."),)

It runs only when its user names it: a run's record keeps the file's name and SHA-256, and never
loads it by itself.
"""

from __future__ import annotations

import functools
import inspect
import pathlib
import types
from collections.abc import Callable, Mapping
from typing import Any

from environments import TaskSet, task_set_ids, task_set_options
from environments.plugin_files import PluginError, load_module
from environments.registry import PluginTaskSets, register_task_set
from learning.architectures.architecture import Architecture
from learning.architectures.table import ArchitectureMember
from learning.config.members import MEMBERS, all_options
from learning.config.methods import AXES, METHODS, Method
from learning.config.plugins import LOADED, Plugin
from learning.config.task_set_presets import TASK_SETS
from learning.errors import ConfigError
from learning.objectives.objective import Objective
from learning.options import OptionGroup, Rule, Value, options_of
from learning.options.member import Member
from learning.options.option_group import DeclaredOption
from learning.policies.mixture_policy import MixturePolicy
from learning.replay.data_sharing import DataSharing
from learning.state_encoders.state_encoder import StateEncoder

_AXES_OF_TABLES: Mapping[str, tuple[type, tuple[str, ...]]] = {
    "BEHAVIOURS": (MixturePolicy, ("behaviour",)),
    "STATE_ENCODERS": (StateEncoder, ("state_encoder",)),
    "ARCHITECTURES": (Architecture, ("policy_architecture", "q_architecture")),
    "DATA_SHARINGS": (DataSharing, ("data",)),
    "OBJECTIVES": (Objective, ("objective",)),
}
"""Table of a plug-in -> what its classes derive from, and the axes that they join."""

_TABLES = (*_AXES_OF_TABLES, "TASK_SETS", "PRESETS", "METHODS")

_RESERVED = frozenset(
    {
        *("method", "env", "env_options", "plugins", "config_version", "help", "dry_run"),
        *("match_parameters", "protocol", "base", "updates_per_vector_step"),
        *AXES,
    }
)
"""Names on the command line and in `config.json` that are no option's."""

_TOOLS = frozenset(
    {"envs", "resume", "eval", "plot", "render", "doctor", "sweep", "table", "compare"}
)
"""Sub-commands that are no methods."""


def load_plugin(path: str | pathlib.Path) -> Plugin:
    """Load a plug-in: what it defines joins the tables; loading it again changes nothing.

    Args:
        path: The file.

    Raises:
        ConfigError: The file is missing, fails when it is imported, defines nothing, takes a name
            that is taken, or a class lacks something. The message names the file and what is
            missing; nothing has joined the tables then.
    """
    place = pathlib.Path(path)
    try:
        module, file = load_module(place)
    except PluginError as error:
        raise ConfigError(str(error)) from error
    if file in LOADED:
        return LOADED[file]
    try:
        joins = _checked(module)
    except ConfigError as error:
        raise ConfigError(f"plug-in {place}: {error}") from error
    factory = PluginTaskSets(str(place.resolve()), file.sha256)
    for task_set_id, task_set in vars(module).get("TASK_SETS", {}).items():
        register_task_set(task_set_id, task_set, factory)
    for join in joins.values():
        join()
    LOADED[file] = Plugin(path=place, file=file, provides=frozenset(joins))
    return LOADED[file]


def _checked(module: types.ModuleType) -> dict[tuple[str, str], Callable[[], None]]:
    """Check everything that a plug-in defines; return how each of it joins the tables."""
    defined = [table for table in _TABLES if table in vars(module)]
    if not defined:
        raise ConfigError(f"it defines none of {', '.join(_TABLES)}, so there is nothing to add")
    joins: dict[tuple[str, str], Callable[[], None]] = {}
    known = dict(all_options())
    of_task_sets = {name for each in task_set_ids() for name in task_set_options(each)}
    for task_set_id, task_set in _table(module, "TASK_SETS").items():
        _check_class(f"TASK_SETS[{task_set_id!r}]", task_set, TaskSet)
        if task_set_id in task_set_ids():
            raise ConfigError(f"there is a task set {task_set_id!r} already")
        for name in sorted(task_set.OPTIONS.keys() & (_RESERVED | known.keys())):
            raise ConfigError(f"TASK_SETS[{task_set_id!r}]: its option {name!r} is taken")
        of_task_sets |= task_set.OPTIONS.keys()
        joins["env", task_set_id] = lambda: None
    for table, (base, axes) in _AXES_OF_TABLES.items():
        for name, member in _table(module, table).items():
            place = f"{table}[{name!r}]"
            _check_class(place, member, base)
            for axis in axes:
                if name in MEMBERS[axis]:
                    raise ConfigError(f"{place}: there is a {axis} {name!r} already")
            known |= _checked_options(place, member.Options, known, _RESERVED | of_task_sets)
            for axis in axes:
                joins[axis, name] = functools.partial(
                    MEMBERS[axis].__setitem__, name, _line(member)
                )
    for task_set_id, values in _table(module, "PRESETS").items():
        _check_preset(task_set_id, values, module, known)
        joins["preset", task_set_id] = functools.partial(TASK_SETS.__setitem__, task_set_id, values)
    for method in vars(module).get("METHODS", ()):
        _check_method(method, joins)
        joins["method", method.name] = functools.partial(METHODS.__setitem__, method.name, method)
    return joins


def _line(member: Any) -> Member:
    """Return a class's line of its table."""
    if issubclass(member, Architecture):
        return ArchitectureMember(member, member.Options, member.sharing)
    return Member(member, member.Options)


def _table(module: types.ModuleType, name: str) -> Mapping[str, Any]:
    table = vars(module).get(name, {})
    if not isinstance(table, Mapping) or not all(isinstance(key, str) for key in table):
        raise ConfigError(f"{name} must be a dictionary from names to what they mean")
    return table


def _check_class(place: str, member: object, base: type) -> None:
    if not isinstance(member, type) or not issubclass(member, base):
        raise ConfigError(f"{place} must be a subclass of {base.__name__}, not {member!r}")
    if inspect.isabstract(member):
        missing = ", ".join(sorted(vars(member)["__abstractmethods__"]))
        raise ConfigError(f"{place}: {member.__name__} lacks the method {missing}")


def _checked_options(
    place: str, group: Any, known: Mapping[str, DeclaredOption], taken: frozenset[str] | set[str]
) -> Mapping[str, DeclaredOption]:
    """Return a member's options, all of them declared as such, and none with another's name."""
    if not isinstance(group, type) or not issubclass(group, OptionGroup):
        raise ConfigError(f"{place}: its Options must be a subclass of OptionGroup, not {group!r}")
    try:
        declared = options_of(group)
    except TypeError as error:
        raise ConfigError(f"{place}: {error}") from error
    for name, each in declared.items():
        if name in taken or known.get(name, each) is not each:
            raise ConfigError(f"{place}: its option {name!r} is taken; give it another name")
    return declared


def _check_preset(
    task_set_id: str,
    values: object,
    module: types.ModuleType,
    known: Mapping[str, DeclaredOption],
) -> None:
    if task_set_id not in vars(module).get("TASK_SETS", {}):
        raise ConfigError(f"PRESETS[{task_set_id!r}] is for no task set of this file")
    if not isinstance(values, Mapping):
        raise ConfigError(f"PRESETS[{task_set_id!r}] must be a dictionary from options to values")
    for name, value in values.items():
        if name not in known:
            raise ConfigError(f"PRESETS[{task_set_id!r}]: there is no option {name!r}")
        if not isinstance(value, Value | Rule):
            raise ConfigError(f"PRESETS[{task_set_id!r}][{name!r}] must be a Value or a Rule")


def _check_method(method: object, joins: Mapping[tuple[str, str], Any]) -> None:
    if not isinstance(method, Method):
        raise ConfigError(f"METHODS must be rows of type Method, not {method!r}")
    if method.name in METHODS or method.name in _TOOLS:
        raise ConfigError(f"there is a sub-command {method.name!r} already")
    for axis, name in method.members.items():
        if name not in MEMBERS[axis] and (axis, name) not in joins:
            raise ConfigError(f"method {method.name!r}: there is no {axis} {name!r}")
