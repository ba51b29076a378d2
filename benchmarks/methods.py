"""What an update of each method costs beside that of a plain one: `python -m benchmarks.methods`.

All methods take turns in one process, at equal network sizes, batches and numbers of updates, so
that what else the machine does meets all of them; the ratio is the result. Acting is timed too (a
mixture asks all policies, and the Q-switch all critics), and the whole: updates and the collection
of as many env steps as the task set's preset has for them.
"""

import contextlib
import dataclasses
import math
import pathlib
import statistics
import time
from collections.abc import Mapping, Sequence
from typing import Any

import click
import torch

from benchmarks.our_loop import OurLoop, our_loop
from benchmarks.result_file import write_rows
from environments import make_task_set
from learning.config.experiment_config import ExperimentConfig
from learning.config.methods import METHODS
from learning.config.resolving import resolve

REFERENCE = "dnc_sac"
REFERENCES = dict.fromkeys(
    (
        *("ptsl", "paco", "softmod", "moore", "care", "care_ptsl"),
        *("mtsac, task embedding", "mtsac, strong base"),
    ),
    "mtsac",
)
"""What a method is compared with: shared networks with the plainest of them, others with
`REFERENCE`."""
STRONG: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "dnc_sac, normalized": ("dnc_sac", {"critic": "normalized"}),
    "dnc_sac, categorical": ("dnc_sac", {"critic": "categorical"}),
    "dnc_sac, actor blocks": ("dnc_sac", {"actor_blocks": 1}),
    "dnc_sac, return scale": ("dnc_sac", {"return_scale": "brc"}),
    "dnc_sac, AdamW": ("dnc_sac", {"weight_decay": 1e-4}),
    "mtsac, task embedding": ("mtsac", {"state_encoder": "task_embedding"}),
    "dnc_sac, strong base": ("dnc_sac", {"base": "strong"}),
    "mtsac, strong base": ("mtsac", {"base": "strong"}),
    "qmp_dnc, strong base": ("qmp_dnc", {"base": "strong"}),
}
"""The strong base and what it is made of, each alone at the setting's width; the base has its own
widths, 512 and 256. Resets cost nothing in an update, and so have no row."""

LIMIT = 1.3
"""Cost that an update of a method may have, as a multiple of one of its reference."""
LIMITS = {
    "dnc_sac, regularized": 2.5,
    "mtsac, PCGrad": 2.5,
    "dnc_sac, two batches": math.inf,
    "ptsl": 1.5,
    "paco": 2.0,
    "softmod": 3.0,
    "moore": 3.0,
    "care": 2.0,
    "care_ptsl": 3.0,
    **dict.fromkeys(STRONG, math.inf),
}
"""Limits of those that compare the tasks' policies or gradients pair by pair, and of networks that
are several in one; none for what is there to compare with, and for the parts of the strong base,
whose networks are meant to do more."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Setting:
    """Sizes that all methods are timed with.

    Attributes:
        env: Id of the task set.
        hidden_sizes: Number of units of each hidden layer.
        buffer_batch_size: Number of transitions of a gradient step, of each task.
        env_steps_per_update: Env steps for each batched update, in total over the tasks.
    """

    env: str
    hidden_sizes: tuple[int, ...]
    buffer_batch_size: int
    env_steps_per_update: int


SETTINGS = {
    "jaco": Setting(
        env="JacoReachMT5-v1",
        hidden_sizes=(256, 256),
        buffer_batch_size=32,
        env_steps_per_update=5,
    ),
    "mt10": Setting(
        env="MetaWorldMT10-v2",
        hidden_sizes=(256, 256),
        buffer_batch_size=128,
        env_steps_per_update=100,
    ),
    # The widths that shared networks are compared with in PTSL, PaCo, MOORE and Meta-World+.
    "mt10_wide": Setting(
        env="MetaWorldMT10-v2",
        hidden_sizes=(400, 400, 400),
        buffer_batch_size=128,
        env_steps_per_update=100,
    ),
}


@dataclasses.dataclass(frozen=True)
class Variant:
    """What is timed.

    Attributes:
        method: Key in the table of methods.
        options: Options beside the setting's sizes.
        batches: Batch of a gradient step, as a multiple of the setting's.
    """

    method: str
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    batches: int = 1


VARIANTS = {
    **{name: Variant(name) for name in METHODS if name not in ("train", "qmp_domain")},
    "dnc_sac, regularized": Variant("dnc_sac", {"kl_coeff": 1e-3}),
    "dnc_sac, two batches": Variant("dnc_sac", batches=2),
    "mtsac, PCGrad": Variant("mtsac", {"objective": "pcgrad"}),
    **{name: Variant(method, options) for name, (method, options) in STRONG.items()},
    "qmp_dnc, confident": Variant("qmp_dnc", {"qswitch_gate": "confident"}),
}
"""All methods, but for the domain mixture, which differs from the uniform one by its weights alone.
As many transitions as UDS sees, `dnc_sac` sees with two batches."""


def config_of(setting: Setting, variant: Variant) -> ExperimentConfig:
    """Return the config of a variant at the setting's sizes."""
    return resolve(
        variant.method,
        setting.env,
        seed=1,
        hidden_sizes=setting.hidden_sizes,
        # As many transitions of each task, whatever the networks share.
        update_schedule="per_task",
        gradient_steps_per_itr=make_task_set(setting.env).n_tasks,
        buffer_batch_size=variant.batches * setting.buffer_batch_size,
        min_buffer_size=1,
        uniform_steps=0,
        replay_buffer_size=100_000,
        n_workers=0,
        torch_threads=torch.get_num_threads(),
        **variant.options,
    )


def time_variants(
    loops: Mapping[str, OurLoop], *, updates: int, rounds: int
) -> dict[str, dict[str, list[float]]]:
    """Let the loops take turns.

    Args:
        loops: Variant -> its loop.
        updates: Number of batched updates a round.
        rounds: Number of turns that each takes.

    Returns:
        Variant -> "update", "act" and "whole" -> seconds a round.
    """
    seconds: dict[str, dict[str, list[float]]] = {
        name: {"update": [], "act": [], "whole": []} for name in loops
    }
    # The first turn, which also fills the buffers, is not timed.
    for loop in loops.values():
        loop.collect()
        loop.update(3)
    for _ in range(rounds):
        for name, loop in loops.items():
            _, acted_before = loop.read_seconds()
            begin = time.perf_counter()
            loop.collect()
            between = time.perf_counter()
            loop.update(updates)
            end = time.perf_counter()
            _, acted_after = loop.read_seconds()
            seconds[name]["act"].append(acted_after - acted_before)
            seconds[name]["update"].append(end - between)
            seconds[name]["whole"].append(end - begin)
    return seconds


def rows(
    setting: str, seconds: Mapping[str, Mapping[str, Sequence[float]]], updates: int
) -> list[dict[str, Any]]:
    """Return a row a variant: milliseconds of an update, and the median ratio of a round.

    Args:
        setting: Key of `SETTINGS`.
        seconds: Seconds that `time_variants` returns; they hold the references.
        updates: Number of batched updates a round.
    """
    table = []
    for name, parts in seconds.items():
        beside = REFERENCES.get(name, REFERENCE)
        row: dict[str, Any] = {"setting": setting, "method": name, "beside": beside}
        row["update_ms"] = round(statistics.median(parts["update"]) / updates * 1e3, 3)
        for part, reference in seconds[beside].items():
            ratios = [ours / theirs for ours, theirs in zip(parts[part], reference, strict=True)]
            row[f"{part}_ratio"] = round(statistics.median(ratios), 3)
            row[f"{part}_ratio_min"] = round(min(ratios), 3)
            row[f"{part}_ratio_max"] = round(max(ratios), 3)
        row["limit"] = LIMITS.get(name, LIMIT)
        table.append(row)
    return table


@click.command()
@click.option(
    "--setting",
    "names",
    type=click.Choice(list(SETTINGS)),
    multiple=True,
    default=tuple(SETTINGS),
    show_default=True,
)
@click.option("--method", "methods", type=click.Choice(list(VARIANTS)), multiple=True)
@click.option("--rounds", type=click.IntRange(min=1), default=7, show_default=True)
@click.option("--updates", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--torch_threads", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=pathlib.Path), help="CSV file.")
def main(
    *,
    names: tuple[str, ...],
    methods: tuple[str, ...],
    rounds: int,
    updates: int,
    torch_threads: int,
    out: pathlib.Path | None,
) -> None:
    """Compare what an update of each method costs with one of dnc_sac or mtsac."""
    torch.set_num_threads(torch_threads)
    written: list[dict[str, Any]] = []
    chosen = methods or tuple(VARIANTS)
    timed = dict.fromkeys((REFERENCE, *(REFERENCES.get(n, REFERENCE) for n in chosen), *chosen))
    for name in names:
        setting = SETTINGS[name]
        with contextlib.ExitStack() as stack:
            loops = {
                variant: stack.enter_context(
                    our_loop(
                        config_of(setting, VARIANTS[variant]),
                        env_steps=setting.env_steps_per_update * updates,
                        gradient_steps=updates,
                    )
                )
                for variant in timed
            }
            table = rows(name, time_variants(loops, updates=updates, rounds=rounds), updates)
        for row in table:
            above = "  ABOVE ITS LIMIT" if row["update_ratio"] > row["limit"] else ""
            click.echo(
                f"{name:<10}{row['method']:<22}{row['update_ms']:>8.2f} ms an update"
                f"{row['update_ratio']:>7.2f} x {row['beside']} ({row['update_ratio_min']:.2f} to "
                f"{row['update_ratio_max']:.2f})  acting {row['act_ratio']:.2f} x  whole "
                f"{row['whole_ratio']:.2f} x{above}"
            )
        written += table
    if out is not None:
        write_rows(out, written)


if __name__ == "__main__":
    main()
