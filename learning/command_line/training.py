"""The sub-command of a method: its options are the config's fields and the task set's own."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from learning.command_line.field_help import field_help
from learning.command_line.values import (
    KindType,
    TaskSetOption,
    TaskSetOptionType,
    join_values,
)
from learning.config.experiment_config import ExperimentConfig, OptionValue, field_kinds
from learning.config.methods import AXES, Method
from learning.config.presets import ENV_OPTIONS, TASK_SETS, preset
from learning.config.resolving import Resolved, allowed_options, resolve_with_sources
from learning.errors import ConfigError


@dataclasses.dataclass(frozen=True, kw_only=True)
class TaskSets:
    """What the command line asks of the environments, which `learning` does not import.

    Attributes:
        ids: gives the allowed values of `--env`.
        options: from an id to the task set's own options.
        check: raises ValueError when an id and options make no task set.
    """

    ids: Callable[[], Sequence[str]]
    options: Callable[[str], Mapping[str, TaskSetOption]]
    check: Callable[[str, Mapping[str, OptionValue]], None]


_ENV = "chosen env"


class TrainingCommand(click.Command):
    """`run.py <method>`: trains, or with `--dry_run` prints what it would train.

    Args:
        method: row of the method table.
        task_sets: the environments.
        train: what to do with the resolved config.
    """

    def __init__(
        self,
        method: Method,
        *,
        task_sets: TaskSets,
        train: Callable[[ExperimentConfig], None],
    ) -> None:
        """See the class."""
        self._method = method
        self._task_sets = task_sets
        self._train = train
        super().__init__(
            name=method.name,
            callback=self._run,
            help=f"{method.summary}\n\n{method.paper}",
            short_help=method.summary,
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Finds `--env` first, since other options and all defaults follow from it.

        Raises:
            click.UsageError: an unknown option, with the allowed ones, or a value not allowed.
        """
        several = {
            f"--{name}" for name, kind in field_kinds().items() if kind.many and not kind.from_file
        }
        args = join_values(args, several | {"--tasks"})
        ctx.meta[_ENV] = find_env(args, self._task_sets.ids())
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            names = [name for param in self.get_params(ctx) for name in param.opts]
            message = f"{error.format_message()}\nAllowed are: {', '.join(names)}"
            raise click.UsageError(message, ctx) from error

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The options, with the defaults of the task set that `--env` names."""
        env = ctx.meta.get(_ENV)
        kinds, texts = field_kinds(), field_help()
        params: list[click.Parameter] = [
            click.Option(
                ["--env"],
                required=True,
                type=click.Choice(self._task_sets.ids()),
                help=texts["env"],
            )
        ]
        for env_id in (env,) if env else self._task_sets.ids():
            known = {param.name for param in params}
            params += [
                task_set_option(
                    name, option, ENV_OPTIONS.get((self._method.name, env_id), {}).get(name)
                )
                for name, option in self._task_sets.options(env_id).items()
                if name not in known
            ]
        for name in allowed_options(self._method.name):
            if kinds[name].base is bool:
                params.append(click.Option([f"--{name}"], is_flag=True, help=texts[name]))
                continue
            text = f"{texts[name]}  [{self._default_text(name, env)}]"
            # The reference writes its Q with a capital letter.
            words = [f"--{name}"] + (["--Q_architecture"] if name == "q_architecture" else [])
            params.append(click.Option([*words, name], type=KindType(kinds[name]), help=text))
        if "objective" in self._method.open_axes:
            params.append(
                click.Option(
                    ["--use_pc_grad"],
                    type=bool,
                    is_flag=False,
                    flag_value="true",
                    help="true: the same as --objective pcgrad (the reference's option).",
                )
            )
        params.append(
            click.Option(
                ["--dry_run"],
                is_flag=True,
                help="Print the resolved config, each value with its source, and stop.",
            )
        )
        help_option = self.get_help_option(ctx)
        return [*params, help_option] if help_option else params

    def _default_text(self, name: str, env: str | None) -> str:
        if name in AXES:
            return f"default: {getattr(self._method, name)}"
        if name == "log_dir":
            return "default: runs/<method>/<env>/<name>_<seed>"
        if env:
            entry = preset(self._method.name, env)[name]
            return f"default: {entry}; source: {entry.source}"
        entries = {str(preset(self._method.name, env_id)[name]) for env_id in TASK_SETS}
        if len(entries) == 1:
            return f"default: {entries.pop()}"
        return "default by environment: see --env=ID --help"

    def _run(self, *, env: str, dry_run: bool, **params: Any) -> None:
        ctx = click.get_current_context()
        given = {
            name: value
            for name, value in params.items()
            if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        }
        if given.pop("use_pc_grad", False):
            given["objective"] = "pcgrad"
        own = self._task_sets.options(env)
        ours = ENV_OPTIONS.get((self._method.name, env), {})
        env_options = {
            name: given.pop(name, ours.get(name, option.default)) for name, option in own.items()
        }
        try:
            self._task_sets.check(env, env_options)
            resolved = resolve_with_sources(
                self._method.name, env, env_options=env_options, **given
            )
        except (ConfigError, ValueError) as error:
            raise click.UsageError(str(error), ctx) from error
        if dry_run:
            click.echo(dry_run_text(resolved))
        else:
            self._train(resolved.config)


def dry_run_text(resolved: Resolved) -> str:
    """JSON text: field name -> its value and source, a line a field."""
    values = json.loads(resolved.config.to_json())
    lines = [
        f"  {json.dumps(name)}: {json.dumps({'value': value, 'source': resolved.sources[name]})}"
        for name, value in values.items()
        if name in resolved.sources
    ]
    return "{\n" + ",\n".join(lines) + "\n}"


def find_env(args: Sequence[str], ids: Sequence[str]) -> str | None:
    """The task set that `--env` names, before click reads the words; None where it names none."""
    found = None
    for position, word in enumerate(args):
        if word == "--env":
            found = "".join(args[position + 1 : position + 2])
        elif word.startswith("--env="):
            found = word.removeprefix("--env=")
    return found if found in ids else None


def task_set_option(name: str, option: TaskSetOption, default: int | None = None) -> click.Option:
    """The option of the command line for a task set's own option; the method may have a default."""
    shown = option.default if default is None else default
    text = f"{option.help}  [{option}; default: {shown}]"
    kind = TaskSetOptionType(option)
    if isinstance(option.default, bool):  # it may stand alone, which means true
        return click.Option([f"--{name}"], type=kind, help=text, is_flag=False, flag_value="true")
    return click.Option([f"--{name}"], type=kind, help=text)
