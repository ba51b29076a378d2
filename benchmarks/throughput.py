"""How many env steps a second this project makes beside the usual loop of garage's own parts.

Run it with `python -m benchmarks.throughput`. Both run in turns in one process, with the same
number of torch threads, so that what else the machine does meets both; the ratio is the result.
"""

import itertools
import pathlib
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import click
import torch

from benchmarks.result_file import write_rows
from benchmarks.settings import SETTINGS, Setting
from benchmarks.timings import PARTS, LoopTimings
from benchmarks.usual_loop import run_usual_loop
from environments import make_task_set
from learning.options.machine import usable_cores
from learning.samplers.sampler_options import SamplerName

Precision = Literal["float32", "bf16"]
Loop = Callable[[], LoopTimings]


def compare(loops: Mapping[str, Loop], rounds: int) -> dict[str, list[LoopTimings]]:
    """Run the loops in turns: A B A B.

    Args:
        loops: Name of a loop -> what runs it once.
        rounds: Number of times that each runs.

    Returns:
        Name of a loop -> its timings, a round each.
    """
    timings: dict[str, list[LoopTimings]] = {name: [] for name in loops}
    for _ in range(rounds):
        for name, loop in loops.items():
            timings[name].append(loop())
    return timings


def total(timings: Iterable[LoopTimings]) -> LoopTimings:
    """Add timings up.

    Args:
        timings: Timings to add, at least one.
    """
    first, *others = timings
    for other in others:
        first = first + other
    return first


def table(title: str, timings: Mapping[str, list[LoopTimings]]) -> str:
    """Return a comparison as text.

    Args:
        title: Heading of the table.
        timings: Timings that `compare` returns; the others are compared with the first loop.

    Returns:
        A line a loop: env steps a second, the ratio to the first loop (over all rounds, and the
        smallest and largest of a round), and the microseconds of an env step by part.
    """
    reference = next(iter(timings))
    width = max(12, *(len(name) + 2 for name in timings))
    header = f"  {'loop':<{width}}{'env steps/s':>12}{'ratio':>8}{'(rounds)':>14}"
    lines = [title, header + "".join(f"{part:>13}" for part in PARTS) + "  (us/env step)"]
    for name, rounds in timings.items():
        whole = total(rounds)
        ratio = whole.env_steps_per_second / total(timings[reference]).env_steps_per_second
        each = [
            ours.env_steps_per_second / usual.env_steps_per_second
            for ours, usual in zip(rounds, timings[reference], strict=True)
        ]
        spread = f"{min(each):.2f}-{max(each):.2f}"
        parts = "".join(f"{getattr(whole, part) / whole.env_steps * 1e6:>13.0f}" for part in PARTS)
        rate = whole.env_steps_per_second
        lines.append(f"  {name:<{width}}{rate:>12.0f}{ratio:>8.2f}{spread:>14}{parts}")
    return "\n".join(lines)


def rows(
    setting: str, timings: Mapping[str, list[LoopTimings]], threads: int
) -> list[dict[str, Any]]:
    """Return the CSV's rows of a comparison, one a loop and round.

    Args:
        setting: Key of `SETTINGS`.
        timings: Timings that `compare` returns.
        threads: Number of torch's threads.
    """
    return [
        {
            "setting": setting,
            "loop": name,
            "round": index,
            "torch_threads": threads,
            "env_steps": each.env_steps,
            "env_steps_per_second": round(each.env_steps_per_second, 1),
            **{part: round(getattr(each, part), 4) for part in PARTS},
        }
        for name, rounds in timings.items()
        for index, each in enumerate(rounds)
    ]


def loops_of(
    setting: Setting,
    *,
    iterations: int,
    precisions: Iterable[Precision],
    samplers: Sequence[str],
    n_workers: int,
    usual_only: bool,
) -> dict[str, Loop]:
    """Make the loops of a setting, the usual one first.

    Args:
        setting: Setting to compare in.
        iterations: Number of timed iterations of a round.
        precisions: Precisions in which ours runs.
        samplers: Samplers by which ours gathers; see `SamplerOptions`.
        n_workers: Number of our sampler's worker processes.
        usual_only: Whether to leave ours out.
    """
    task_set = make_task_set(setting.task_set, **setting.options)
    shared: dict[str, Any] = {
        "hidden_sizes": setting.hidden_sizes,
        "buffer_batch_size": setting.buffer_batch_size,
        "env_steps_per_iteration": setting.env_steps_per_iteration,
        "gradient_steps_per_task": setting.gradient_steps_per_task,
        "iterations": iterations,
        "mixture": True,
    }
    loops: dict[str, Loop] = {"usual": lambda: run_usual_loop(task_set, **shared)}
    if not usual_only:
        from benchmarks.our_loop import run_our_loop  # noqa: PLC0415  (not needed for the usual)

        for precision, sampler in itertools.product(precisions, samplers):
            # As defaults, since the loops run after these have gone on.
            def ours(precision: Precision = precision, sampler: str = sampler) -> LoopTimings:
                return run_our_loop(
                    task_set, **shared, precision=precision, n_workers=n_workers, sampler=sampler
                )

            name = f"ours {precision}"
            loops[name if sampler == samplers[0] else f"{name} {sampler}"] = ours
    return loops


@click.command()
@click.option(
    "--setting",
    "names",
    type=click.Choice(list(SETTINGS)),
    multiple=True,
    default=tuple(SETTINGS),
    show_default=True,
)
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
@click.option("--iterations", type=click.IntRange(min=1), default=2, show_default=True)
@click.option(
    "--precision",
    "precisions",
    type=click.Choice(["float32", "bf16"]),
    multiple=True,
    default=("float32", "bf16"),
    show_default=True,
)
@click.option(
    "--sampler",
    "samplers",
    type=click.Choice(typing.get_args(SamplerName)),
    multiple=True,
    default=("lockstep",),
    show_default=True,
    help="Ours.",
)
@click.option("--n_workers", type=click.IntRange(min=0), help="Ours.  [default: see presets]")
@click.option("--torch_threads", type=click.IntRange(min=1), help="[default: physical cores]")
@click.option("--usual_only", is_flag=True, help="Time the usual loop alone.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=pathlib.Path), help="CSV file.")
def main(
    *,
    names: tuple[str, ...],
    rounds: int,
    iterations: int,
    precisions: tuple[Precision, ...],
    samplers: tuple[str, ...],
    n_workers: int | None,
    torch_threads: int | None,
    usual_only: bool,
    out: pathlib.Path | None,
) -> None:
    """Compare this project's speed with that of the usual loop; evaluation is left out of both."""
    threads = torch_threads or usable_cores()
    torch.set_num_threads(threads)
    click.echo(f"torch {torch.__version__}, {threads} threads, {rounds} rounds of {iterations}")
    written: list[dict[str, Any]] = []
    for name in names:
        setting = SETTINGS[name]
        workers = usable_cores() if n_workers is None else n_workers
        loops = loops_of(
            setting,
            iterations=iterations,
            # bf16 is about the updates.
            precisions=precisions if setting.gradient_steps_per_task else precisions[:1],
            samplers=samplers,
            n_workers=0 if n_workers is None and name == "jaco" else workers,
            usual_only=usual_only,
        )
        timings = compare(loops, rounds)
        click.echo(table(f"\n{setting.title}", timings))
        written += rows(name, timings, threads)
    if out is not None:
        write_rows(out, written)


if __name__ == "__main__":
    main()
