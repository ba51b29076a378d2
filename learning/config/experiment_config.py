"""All that defines an experiment, in one frozen value."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, TypeVar

from environments import OptionValue, options_before
from environments.plugin_files import PluginFile
from learning.algorithms.sac_options import SACOptions
from learning.config.combinations import check_combination
from learning.config.members import MEMBERS, all_options, check_member, groups_read, options_read
from learning.config.methods import AXES, AXES_SINCE, method_label
from learning.errors import ConfigError
from learning.logging.run_description import READABLE_VERSIONS, parse_config
from learning.options import OptionGroup, options_of
from learning.replay.replay_options import ReplayOptions

CONFIG_VERSION = READABLE_VERSIONS[-1]
"""Version of `config.json`; the file carries it, so that a reader knows what it reads."""

Group = TypeVar("Group", bound=OptionGroup)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExperimentConfig:
    """The resolved configuration of one run.

    Members and options can be had as attributes too: `config.behaviour`, `config.lr`.

    Attributes:
        method: Row of the method table (`learning.config.methods`).
        env: Id of the task set.
        env_options: All of the task set's own options, as (name, value) pairs sorted by name.
        members: Axis -> name of the member.
        values: Option -> value, of the options that the run reads.
        plugins: The user's own files that it is made of.
        version: Version of the `config.json` it was read from.

    Raises:
        ConfigError: A member or value is not allowed; the message names the option, the value and
            what is.
    """

    method: str
    env: str
    env_options: tuple[tuple[str, OptionValue], ...]
    members: Mapping[str, str]
    values: Mapping[str, Any]
    plugins: tuple[PluginFile, ...] = ()
    version: int = CONFIG_VERSION

    def __post_init__(self) -> None:
        """Check every value, and the values against one another; see the class."""
        for name in ("method", "env"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name).strip():
                raise ConfigError(f"{name} = {getattr(self, name)!r}: must be a text, not empty")
        _check_env_options(self.env_options)
        for axis in AXES:
            check_member(axis, self.members.get(axis, ""))
        declared = options_read(self.members)
        if unknown := sorted(self.values.keys() - declared):
            raise ConfigError(f"the config has options that nothing reads: {', '.join(unknown)}")
        if missing := sorted(declared.keys() - self.values):
            raise ConfigError(f"the config lacks keys: {', '.join(missing)}")
        for group in groups_read(self.members):
            self.options(group)
        replay, sac = self.options(ReplayOptions), self.options(SACOptions)
        if sac.min_buffer_size > replay.replay_buffer_size:
            raise ConfigError(
                f"min_buffer_size = {sac.min_buffer_size}: allowed is at most replay_buffer_size "
                f"= {replay.replay_buffer_size}, else no gradient step would ever be taken"
            )
        check_combination(self.members, self.values)

    def __getattr__(self, name: str) -> Any:
        """Return a member or an option by its name."""
        # By `vars`: on an object without fields yet, as in copying, `self.members` would recurse.
        for table in ("members", "values"):
            if name in vars(self).get(table, ()):
                return vars(self)[table][name]
        raise AttributeError(f"the config has no {name!r}")

    def options(self, group: type[Group]) -> Group:
        """Return the values of a group of options.

        Args:
            group: One whose options this run reads.
        """
        return group(**{name: self.values[name] for name in options_of(group)})

    def member(self, axis: str) -> Any:
        """Return the class of an axis' member; None where it leaves everything as it is."""
        return MEMBERS[axis][self.members[axis]].load()

    def member_options(self, axis: str) -> OptionGroup:
        """Return the values of the options that an axis' member reads."""
        return self.options(MEMBERS[axis][self.members[axis]].options)

    def replace(self, **values: Any) -> ExperimentConfig:
        """Return the config with other values of some options."""
        return dataclasses.replace(self, values={**self.values, **values})

    @property
    def label(self) -> str:
        """The method's name, and the members that differ from its row."""
        return method_label(self.method, self.members)

    def to_json(self) -> str:
        """Return the config as JSON text, `config_version` first; `from_json` reads it back."""
        values: dict[str, Any] = {
            "config_version": self.version,
            "method": self.method,
            "env": self.env,
            "env_options": dict(self.env_options),
            "plugins": [dataclasses.asdict(plugin) for plugin in self.plugins],
            **self.members,
            **self.values,
        }
        return json.dumps(values, indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> ExperimentConfig:
        """Read what `to_json` wrote, or a version before.

        Args:
            text: Content of a `config.json`.

        Raises:
            ConfigError: No JSON object, a version that is not read here, an unknown or missing key,
                or a value that is not allowed.
        """
        values = parse_config(text)
        version = values.pop("config_version")
        plugins = _read_plugins(values.pop("plugins", []))
        for axis, (new_in, before) in AXES_SINCE.items():
            if version < new_in:
                values.setdefault(axis, before)
        missing = [name for name in ("method", "env", "env_options", *AXES) if name not in values]
        if missing:
            raise ConfigError(f"the config lacks keys: {', '.join(missing)}")
        members = {axis: values.pop(axis) for axis in AXES}
        env_options = values.pop("env_options")
        if not isinstance(env_options, dict):
            raise ConfigError(f"env_options = {env_options!r}: allowed is an object")
        for axis, name in members.items():
            check_member(axis, name)
        method, env = values.pop("method"), values.pop("env")
        env_options = options_before(env) | env_options
        declared = options_read(members)
        # Version 2 held every option; those that nothing reads are left out.
        if version == 2:
            unread = values.keys() & all_options().keys() - declared.keys()
            values = {name: value for name, value in values.items() if name not in unread}
        for name, each in declared.items():
            if name not in values and version < each.new_in:
                values[name] = each.before
        return cls(
            method=method,
            env=env,
            env_options=env_option_pairs(env_options),
            members=members,
            values={name: _tuples(value) for name, value in values.items()},
            plugins=plugins,
            version=version,
        )


def env_option_pairs(options: Mapping[str, OptionValue]) -> tuple[tuple[str, OptionValue], ...]:
    """Return a task set's options as the config holds them: pairs sorted by name."""
    return tuple(sorted(options.items()))


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _read_plugins(entries: Any) -> tuple[PluginFile, ...]:
    try:
        return tuple(PluginFile(str(each["name"]), str(each["sha256"])) for each in entries)
    except (TypeError, KeyError) as error:
        raise ConfigError(f"plugins = {entries!r}: allowed are names with their sha256") from error


def _check_env_options(pairs: object) -> None:
    if not isinstance(pairs, tuple) or not all(
        isinstance(pair, tuple)
        and len(pair) == 2
        and isinstance(pair[0], str)
        and isinstance(pair[1], (str, int, float, bool))
        for pair in pairs
    ):
        raise ConfigError(f"env_options = {pairs!r}: allowed are (name, value) pairs")
    names = [name for name, _ in pairs]
    if names != sorted(set(names)):
        raise ConfigError(f"env_options = {pairs!r}: allowed is each name once, sorted")
