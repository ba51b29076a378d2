"""What the reference's schedule of shared networks costs beside as many updates as networks apart.

Where tasks share parameters, each of the reference's gradient steps is an update of the shared
network on one batch of all tasks; counted a task each, T of them are one batched update:
:mod:`learning.algorithms.update_schedule`. Each task set is timed at its own preset for `mtsac`
under both, in turns; what is compared is the time of an iteration's updates, which gathers as many
environment steps either way.
"""

import contextlib
import pathlib
import statistics
import time
from typing import Any

import click
import torch

from benchmarks.our_loop import our_loop
from benchmarks.result_file import write_rows
from environments import task_set_ids
from learning.config.resolving import resolve_with_sources

SCHEDULES = ("per_task", "shared")


def compare(env: str, *, rounds: int, updates: int, precision: str) -> list[dict[str, Any]]:
    """Time updates of `mtsac` on a task set under both schedules, in turns.

    Args:
        env: Id of the task set.
        rounds: Number of turns that each takes.
        updates: Number of updates a turn.
        precision: Precision of the matrix products.

    Returns:
        A row a schedule; `ratio` is to the first, the median over rounds.
    """
    made = {
        name: resolve_with_sources(
            "mtsac",
            env,
            update_schedule=name,
            min_buffer_size=1,
            n_workers=0,
            replay_buffer_size=20_000,
            precision=precision,
            torch_threads=torch.get_num_threads(),
        )
        for name in SCHEDULES
    }
    seconds: dict[str, list[float]] = {name: [] for name in SCHEDULES}
    with contextlib.ExitStack() as stack:
        loops = {
            name: stack.enter_context(
                our_loop(each.config, env_steps=100 * each.n_tasks, gradient_steps=updates)
            )
            for name, each in made.items()
        }
        for loop in loops.values():
            loop.collect()
            loop.update(3)
        for _ in range(rounds):
            for name, loop in loops.items():
                begin = time.perf_counter()
                loop.update(updates)
                seconds[name].append((time.perf_counter() - begin) / updates)
    rows = []
    for name, each in made.items():
        n_updates = each.schedule.n_updates
        first = made[SCHEDULES[0]].schedule.n_updates
        ratios = [
            ours * n_updates / (theirs * first)
            for ours, theirs in zip(seconds[name], seconds[SCHEDULES[0]], strict=True)
        ]
        update = statistics.median(seconds[name])
        row = {
            "env": env,
            "update_schedule": name,
            "updates": n_updates,
            "transitions": each.schedule.n_transitions,
            "env_steps": each.config.batch_size,
            "update_ms": round(update * 1e3, 3),
            "ms_per_env_step": round(update * n_updates / each.config.batch_size * 1e3, 3),
            "ratio": round(statistics.median(ratios), 2),
        }
        rows.append(row)
    return rows


@click.command()
@click.option("--env", "envs", type=click.Choice(task_set_ids()), multiple=True)
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True)
@click.option("--updates", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--precision", type=click.Choice(("float32", "bf16")), default="float32")
@click.option("--torch_threads", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=pathlib.Path), help="CSV file.")
def main(
    *,
    envs: tuple[str, ...],
    rounds: int,
    updates: int,
    precision: str,
    torch_threads: int,
    out: pathlib.Path | None,
) -> None:
    """Compare what an iteration's updates of mtsac cost, counted once and counted a task each."""
    torch.set_num_threads(torch_threads)
    written: list[dict[str, Any]] = []
    for env in envs or task_set_ids():
        for row in compare(env, rounds=rounds, updates=updates, precision=precision):
            click.echo("  ".join(f"{key} {value}" for key, value in row.items()))
            written.append(row)
    if out is not None:
        write_rows(out, written)


if __name__ == "__main__":
    main()
