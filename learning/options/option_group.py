"""Groups of options, each declared beside the class that reads it.

A class that has options holds a frozen dataclass of them under the name `Options`:

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class QSwitchOptions(SwitchingOptions):
        qswitch_gate: Literal["none", "confident"] = option(
            "none", source="QMP", help="Whether the Q-switch heeds its doubt."
        )

    class QSwitch(SwitchingMixture):
        Options = QSwitchOptions

That is the only place where the option stands. Its type and choices are the annotation's; the
command line, `config.json`, `docs/options.md` and the error messages are made from it. An option
that two classes read is inherited by both groups from one that declares it.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal

from environments.options import Option, TableShape
from learning.errors import ConfigError
from learning.options.values import Rule, Value


@dataclasses.dataclass(frozen=True)
class DeclaredOption:
    """An option of a group.

    Attributes:
        name: Its name, on the command line with two dashes before it.
        option: What it may be, and its help.
        default: What it is where neither a preset nor the user says otherwise.
        total_over_tasks: Whether it counts in total over the tasks, each of which gets the same.
        at_most_tasks: Whether it is at most the number of tasks.
        new_in: First version of config.json that has it.
        before: What the program did before: the value in a record of an earlier version.
        group: The class that declares it.
    """

    name: str
    option: Option
    default: Value | Rule
    total_over_tasks: bool
    at_most_tasks: bool
    new_in: int
    before: Any
    group: type[OptionGroup]

    def check(self, value: object) -> None:
        """Refuse a value that is not allowed.

        Raises:
            ConfigError: Naming the option, the value and what is allowed.
        """
        if not self.option.admits(value):
            raise ConfigError(f"{self.name} = {_short(value)}: {self.option.refusal(value)}")


def _short(value: object) -> str:
    """Write a value, of a long table its beginning."""
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."


def option(
    default: Any = None,
    *,
    help: str,
    source: str,
    rule: Callable[[int], Any] | None = None,
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    total_over_tasks: bool = False,
    at_most_tasks: bool = False,
    from_file: TableShape = "",
    new_in: int = 0,
    before: Any = None,
) -> Any:
    """Declare an option of an :class:`OptionGroup`, as the value of its annotated field.

    Args:
        default: The default; with a rule, the rule in words.
        help: What it does, a sentence.
        source: Where the default comes from: a paper, a reference code, or "chosen by us".
        rule: The default from the number of tasks T, where it depends on T or on the machine.
        at_least: Lower bound of (each) number, itself allowed.
        above: Lower bound of (each) number, itself not allowed.
        at_most: Upper bound of (each) number.
        total_over_tasks: Whether it counts in total over the tasks: a multiple of T then.
        at_most_tasks: Whether it is at most the number of tasks T.
        from_file: What table of numbers the command line takes as a file.
        new_in: First version of config.json that has it.
        before: What was done before that version; None: the default.
    """
    metadata = {
        "help": help,
        "default": Value(default, source) if rule is None else Rule(rule, str(default), source),
        "bounds": {"at_least": at_least, "above": above, "at_most": at_most},
        "total_over_tasks": total_over_tasks,
        "at_most_tasks": at_most_tasks,
        "from_file": from_file,
        "new_in": new_in,
        "before": default if before is None else before,
    }
    if rule is None:
        return dataclasses.field(default=default, metadata=metadata)
    return dataclasses.field(metadata=metadata)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class OptionGroup:
    """The options that one class reads; this base has none.

    Raises:
        ConfigError: A value is not allowed; the message names the option, the value and what is.
    """

    def __post_init__(self) -> None:
        """Check every value; see the class."""
        for name, declared in options_of(type(self)).items():
            declared.check(getattr(self, name))


_DECLARED: dict[Any, Mapping[str, DeclaredOption]] = {}
"""What was read of each group so far; annotations are slow to take apart."""


def options_of(group: type[OptionGroup]) -> Mapping[str, DeclaredOption]:
    """Return the options of a group by name, inherited ones first.

    Raises:
        TypeError: A field is not declared by :func:`option`, or its annotation has no rule here.
    """
    if group not in _DECLARED:
        _DECLARED[group] = types.MappingProxyType(_declared(group))
    return _DECLARED[group]


def _declared(group: type[OptionGroup]) -> dict[str, DeclaredOption]:
    hints = typing.get_type_hints(group)
    declared: dict[str, DeclaredOption] = {}
    for field in dataclasses.fields(group):
        if "help" not in field.metadata:
            raise TypeError(
                f"{group.__qualname__}.{field.name} is not declared by option(...), which gives an "
                "option its help, its default and the default's source"
            )
        owner = _owner(group, field)
        if owner is not group:
            declared[field.name] = options_of(owner)[field.name]
            continue
        default = field.metadata["default"]
        declared[field.name] = DeclaredOption(
            name=field.name,
            option=Option(
                default=default.value if isinstance(default, Value) else None,
                help=field.metadata["help"],
                source=default.source,
                from_file=field.metadata["from_file"],
                **field.metadata["bounds"],
                **_kind(hints[field.name]),
            ),
            default=default,
            total_over_tasks=field.metadata["total_over_tasks"],
            at_most_tasks=field.metadata["at_most_tasks"],
            new_in=field.metadata["new_in"],
            before=field.metadata["before"],
            group=group,
        )
    return declared


def _owner(group: type[OptionGroup], field: dataclasses.Field[Any]) -> type[OptionGroup]:
    """Return the class that declares a field; subclasses share the very field."""
    owners = [
        base
        for base in group.__mro__
        if issubclass(base, OptionGroup)
        and base.__dataclass_fields__.get(field.name) is field
        and field.name in vars(base).get("__annotations__", {})
    ]
    return owners[-1]


def _kind(annotation: Any) -> dict[str, Any]:
    """Take an annotation apart, into arguments of :class:`Option`."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation in (int, float, str, bool):
        return {"kind": annotation}
    if origin is Literal:
        return {"kind": str, "allowed": arguments}
    if origin is tuple and arguments[1:] == (...,):
        return {**_kind(arguments[0]), "several": True}
    if origin in (typing.Union, types.UnionType) and len(arguments) == 2:
        (some,) = [argument for argument in arguments if argument is not type(None)]
        return {**_kind(some), "optional": True}
    raise TypeError(
        f"no rule for an option of type {annotation!r}: known are int, float, str, bool, Literal "
        "of texts, tuple[X, ...] and X | None of them"
    )
