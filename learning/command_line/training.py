"""The sub-command of a method: its options are those of its members and of the task set."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from environments import Option, task_set_ids, task_set_options
from learning.command_line.stopping import STOP_AFTER, STOP_AFTER_HELP
from learning.command_line.values import OptionType, join_values
from learning.config.methods import AXES, Method
from learning.errors import ConfigError

if TYPE_CHECKING:
    from learning.config.experiment_config import ExperimentConfig
    from learning.config.resolving import Resolved
    from learning.options import Rule, Value
    from learning.options.option_group import DeclaredOption

    Train = Callable[[ExperimentConfig, int | None], None]

_ENV = "chosen env"

DRY_RUN_HELP = (
    "Print the resolved config, each value with its source, and (to standard error) how many "
    "parameters the networks have, how many updates an iteration makes, and what memory and disk "
    "the run needs at least, and stop."
)

MATCH_PARAMETERS_HELP = (
    "Give all hidden layers the one width with which policies and critics together come nearest to "
    "the number of parameters of METHOD with its own preset; a given --hidden_sizes, of equal "
    "numbers, says how many layers there are."
)

PROTOCOL_HELP = (
    "Train and evaluate as a paper does: the task set's options, how much is gathered, learned and "
    "evaluated, and the learner that is not the method's own idea."
)

BASE_HELP = (
    "The learner under the method. plain: as presets and protocols have it; strong: BRC's "
    "networks, optimizers, scale of returns, batch and two updates a vector step. What is given "
    "besides wins over it."
)

UPDATES_HELP = (
    "Batched updates for a step of every task's environment, in place of gradient_steps_per_itr: "
    "the update-to-data ratio, whatever batch_size is."
)

MEMBER_HELP: Mapping[str, str] = {
    "behaviour": "Who acts while data is gathered for a task: pi_mix of the paper.",
    "state_encoder": "What makes of a state what policies and critics see of it.",
    "policy_architecture": "What the tasks' policies hold in common.",
    "q_architecture": "What the tasks' critics hold in common.",
    "data": "Whose transitions a task's update sees.",
    "objective": "How the tasks' losses and gradients meet.",
}


class TrainingCommand(click.Command):
    """`run.py <method>`: trains, or with `--dry_run` prints what it would train.

    Args:
        method: Row of the method table.
        train: What to do with the resolved config, and the epochs to end after; None: the last.
    """

    def __init__(self, method: Method, *, train: Train) -> None:
        """See the class."""
        self._method = method
        self._train = train
        super().__init__(
            name=method.name,
            callback=self._run,
            help=f"{method.summary}\n\n{method.paper}",
            short_help=method.summary,
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find `--env` first, since other options and all defaults follow from it.

        Raises:
            click.UsageError: An unknown option, with the allowed ones, or a value not allowed.
        """
        ctx.meta[_ENV] = find_env(args)
        try:
            return super().parse_args(ctx, join_values(args, self._several()))
        except click.NoSuchOption as error:
            raise click.UsageError(self._no_such_option(ctx, error), ctx) from error

    def _no_such_option(self, ctx: click.Context, error: click.NoSuchOption) -> str:
        """Say what would read the option, and which there are."""
        from learning.config.members import all_options, readers  # noqa: PLC0415

        message = error.format_message()
        name = error.option_name.lstrip("-")
        if name in all_options():
            message += f" Nothing would read it; it belongs to {' or '.join(readers(name))}."
        params = [param for param in self.get_params(ctx) if not getattr(param, "hidden", False)]
        names = [name for param in params for name in param.opts]
        return f"{message}\nAllowed are: {', '.join(names)}"

    def _several(self) -> set[str]:
        """Return the options after which several words may stand."""
        options = {name: each.option for name, each in self._declared().items()}
        return {
            "--tasks",
            *(f"--{name}" for name, each in options.items() if each.several and not each.from_file),
        }

    def _declared(self) -> dict[str, DeclaredOption]:
        """Return the options that some run of this method reads."""
        # Members bring torch with them, for which the list of sub-commands need not wait.
        from learning.config.members import MEMBERS, options_read  # noqa: PLC0415

        declared = options_read(self._method.members)
        for axis in self._method.open_axes:
            for member in MEMBERS[axis]:
                declared |= options_read({**self._method.members, axis: member})
        return declared

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the options, with the defaults of the task set that `--env` names."""
        env = ctx.meta.get(_ENV)
        params: list[click.Parameter] = [
            click.Option(
                ["--env"],
                required=True,
                type=click.Choice(task_set_ids()),
                help="Id of the task set.",
            )
        ]
        params += [
            _task_set_option(name, option, self._method.name, env)
            for name, option in options_of_task_sets((env,) if env else task_set_ids()).items()
        ]
        params += [self._member_option(axis) for axis in AXES]
        params.append(_protocol_option(self._method.name, env))
        params += _learner_options()
        defaults = self._defaults(env)
        for declared in self._declared().values():
            params.append(_option(declared, _default_text(declared, defaults)))
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
            click.Option(["--match_parameters"], metavar="METHOD", help=MATCH_PARAMETERS_HELP)
        )
        params.append(click.Option(["--stop_after"], type=STOP_AFTER, help=STOP_AFTER_HELP))
        params.append(click.Option(["--dry_run"], is_flag=True, help=DRY_RUN_HELP))
        help_option = self.get_help_option(ctx)
        return [*params, help_option] if help_option else params

    def _member_option(self, axis: str) -> click.Option:
        """Return the option of an axis; where it is not open, it may repeat what the row has."""
        from learning.config.members import MEMBERS  # noqa: PLC0415

        # The reference writes its Q with a capital letter.
        words = [f"--{axis}"] + (["--Q_architecture"] if axis == "q_architecture" else [])
        return click.Option(
            [*words, axis],
            type=OptionType(Option(kind=str, allowed=tuple(MEMBERS[axis]))),
            help=f"{MEMBER_HELP[axis]}  [default: {self._method.members[axis]}]",
            hidden=axis not in self._method.open_axes,
        )

    def _defaults(self, env: str | None) -> Mapping[str, Sequence[Value | Rule]]:
        """Return what each option is without being given, on the task set or on each of them."""
        from learning.config.resolving import defaults_of  # noqa: PLC0415

        tables = [
            defaults_of(self._method.name, each) for each in (env and [env]) or task_set_ids()
        ]
        return {name: [table[name] for table in tables] for name in tables[0]}

    def _run(self, *, env: str, dry_run: bool, stop_after: int | None, **params: Any) -> None:
        from learning.config.resolving import resolve_with_sources  # noqa: PLC0415

        ctx = click.get_current_context()
        given = given_options(ctx, params)
        if given.pop("use_pc_grad", False):
            given["objective"] = "pcgrad"
        other, matched = given.pop("match_parameters", None), None
        try:
            resolved = resolve_with_sources(self._method.name, env, **given)
            if other is not None:
                from learning.experiment.matching import match  # noqa: PLC0415

                matched = match(resolved, other)
                resolved = matched.resolved
        except ConfigError as error:
            raise click.UsageError(str(error), ctx) from error
        if dry_run:
            from learning.experiment.preflight import check_before_start  # noqa: PLC0415

            needs = check_before_start(resolved.config)
            click.echo(dry_run_text(resolved))
            # Standard output stays JSON.
            click.echo(needs.parameters, err=True)
            click.echo(resolved.schedule, err=True)
            click.echo(needs, err=True)
            if matched is not None:
                click.echo(f"{matched.method}, for comparison:\n{matched.counts}", err=True)
        else:
            self._train(resolved.config, stop_after)


def _protocol_option(method: str, env: str | None) -> click.Option:
    from learning.config.protocols import PROTOCOLS, find_protocol  # noqa: PLC0415

    default = find_protocol(None, method, env).name if env else "by method and environment"
    return click.Option(
        ["--protocol"],
        type=OptionType(Option(kind=str, allowed=tuple(PROTOCOLS))),
        help=f"{PROTOCOL_HELP}  [default: {default}]",
    )


def _learner_options() -> list[click.Parameter]:
    from learning.config.bases import BASES  # noqa: PLC0415
    from learning.config.update_ratio import NAME  # noqa: PLC0415

    base = OptionType(Option(kind=str, allowed=BASES))
    ratio = OptionType(Option(kind=float, above=0))
    return [
        click.Option(["--base"], type=base, help=f"{BASE_HELP}  [default: plain]"),
        click.Option([f"--{NAME}"], type=ratio, help=UPDATES_HELP),
    ]


def _option(declared: DeclaredOption, default: str) -> click.Option:
    name, text = declared.name, f"{declared.option.help}  [{default}]"
    if declared.option.kind is bool:
        return click.Option([f"--{name}"], is_flag=True, help=declared.option.help)
    return click.Option([f"--{name}"], type=OptionType(declared.option), help=text)


def _default_text(declared: DeclaredOption, defaults: Mapping[str, Sequence[Value | Rule]]) -> str:
    if declared.name == "log_dir":
        return "default: runs/<method>/<env>/<name>_<seed>"
    entries = defaults.get(declared.name, [declared.default])
    texts = {str(entry) for entry in entries}
    if len(texts) > 1:
        return "default by environment: see --env=ID --help"
    source = f"; source: {entries[0].source}" if len(entries) == 1 else ""
    return f"default: {texts.pop()}{source}"


def _task_set_option(name: str, option: Option, method: str, env: str | None) -> click.Option:
    from learning.config.resolving import default_env_options  # noqa: PLC0415

    own = default_env_options(method, env) if env else {}
    default = own.get(name, option.default)
    return task_set_option(name, option, default)


def task_set_option(name: str, option: Option, default: object) -> click.Option:
    """Return the option of the command line for a task set's own option."""
    text = f"{option.help}  [{option}; default: {default}]"
    kind = OptionType(option)
    if option.kind is bool:  # it may stand alone, which means true
        return click.Option([f"--{name}"], type=kind, help=text, is_flag=False, flag_value="true")
    return click.Option([f"--{name}"], type=kind, help=text)


def options_of_task_sets(ids: Iterable[str]) -> dict[str, Option]:
    """Return the options of some task sets by name; of those that several have, the first's."""
    options: dict[str, Option] = {}
    for each in ids:
        options = {**task_set_options(each), **options}
    return options


def given_options(ctx: click.Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the parameters that stand on the command line."""
    return {
        name: value
        for name, value in params.items()
        if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    }


def dry_run_text(resolved: Resolved) -> str:
    """Return JSON text: name -> its value and source, a line each."""
    values = json.loads(resolved.config.to_json())
    lines = [
        f"  {json.dumps(name)}: {json.dumps({'value': value, 'source': resolved.sources[name]})}"
        for name, value in values.items()
        if name in resolved.sources
    ]
    return "{\n" + ",\n".join(lines) + "\n}"


def find_env(args: Sequence[str]) -> str | None:
    """Return the task set that `--env` names, before click reads the words; None: none."""
    found = None
    for position, word in enumerate(args):
        if word == "--env":
            found = "".join(args[position + 1 : position + 2])
        elif word.startswith("--env="):
            found = word.removeprefix("--env=")
    return found if found in task_set_ids() else None
