"""How fast this revision is beside another one: `python -m benchmarks.revisions ../before`.

The other revision is a checkout of its own (`git worktree add ../before REVISION`). Both run our
loop in turns, each time in a process of its own; the ratio of a round is the result.
"""

import json
import pathlib
import statistics
import subprocess
import sys
from typing import Any

import click

from benchmarks.result_file import write_rows
from benchmarks.settings import SETTINGS
from benchmarks.timings import PARTS, LoopTimings

ROOT = pathlib.Path(__file__).resolve().parents[1]
CODE = """
import dataclasses, json, sys, torch
from benchmarks.our_loop import run_our_loop
from benchmarks.settings import SETTINGS
from environments import make_task_set
name, mixture, threads, workers, precision, iterations = json.loads(sys.argv[1])
torch.set_num_threads(threads)
setting = SETTINGS[name]
timings = run_our_loop(
    make_task_set(setting.task_set, **setting.options),
    hidden_sizes=setting.hidden_sizes,
    buffer_batch_size=setting.buffer_batch_size,
    env_steps_per_iteration=setting.env_steps_per_iteration,
    gradient_steps_per_task=setting.gradient_steps_per_task,
    iterations=iterations,
    mixture=mixture,
    precision=precision,
    n_workers=workers,
)
print(json.dumps(dataclasses.asdict(timings)))
"""


def timed(root: pathlib.Path, arguments: list[Any]) -> LoopTimings:
    """Run our loop of a checkout in a process of its own.

    Args:
        root: Folder of the checkout.
        arguments: Setting, whether the Q-switch acts, threads, workers, precision, iterations.
    """
    done = subprocess.run(
        [sys.executable, "-c", CODE, json.dumps(arguments)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise click.ClickException(f"the loop of {root} failed:\n{done.stderr}")
    return LoopTimings(**json.loads(done.stdout.splitlines()[-1]))


def ratios(before: list[LoopTimings], after: list[LoopTimings]) -> dict[str, float]:
    """Return how many times as fast this revision is, the median over rounds, by part.

    Args:
        before: Timings of the other revision, a round each.
        after: Timings of this one, the same rounds.
    """
    parts: dict[str, float] = {}
    for part in (*PARTS, "seconds"):
        pairs = [
            (getattr(old, part) / old.env_steps, getattr(new, part) / new.env_steps)
            for old, new in zip(before, after, strict=True)
        ]
        if all(new > 0 for _, new in pairs):
            parts[part] = statistics.median(old / new for old, new in pairs)
    return parts


@click.command()
@click.argument("before", type=click.Path(exists=True, file_okay=False, path_type=pathlib.Path))
@click.option("--setting", "names", type=click.Choice(list(SETTINGS)), multiple=True)
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True)
@click.option("--iterations", type=click.IntRange(min=1), default=4, show_default=True)
@click.option("--torch_threads", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--n_workers", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--precision", type=click.Choice(["float32", "bf16"]), default="float32")
@click.option("--out", type=click.Path(dir_okay=False, path_type=pathlib.Path), help="CSV file.")
def main(
    *,
    before: pathlib.Path,
    names: tuple[str, ...],
    rounds: int,
    iterations: int,
    torch_threads: int,
    n_workers: int,
    precision: str,
    out: pathlib.Path | None,
) -> None:
    """Time our loop of the checkout in BEFORE and of this one, in turns."""
    written: list[dict[str, Any]] = []
    for name in names or SETTINGS:
        for mixture in (True, False):
            arguments = [name, mixture, torch_threads, n_workers, precision, iterations]
            pairs = [(timed(before, arguments), timed(ROOT, arguments)) for _ in range(rounds)]
            old, new = (list(each) for each in zip(*pairs, strict=True))
            parts = ratios(old, new)
            actor = "qmp_dnc" if mixture else "dnc_sac"
            speed = statistics.median(each.env_steps_per_second for each in new)
            times = "  ".join(f"{part} {ratio:.2f} x" for part, ratio in parts.items())
            click.echo(f"{name:<10}{actor:<9}{speed:>8,.0f} env steps/s   {times}")
            written.append(
                {"setting": name, "method": actor, "env_steps_per_second": round(speed)}
                | {f"{part}_ratio": round(parts.get(part, float("nan")), 3) for part in PARTS}
                | {"whole_ratio": round(parts["seconds"], 3), "rounds": rounds}
            )
    if out is not None:
        write_rows(out, written)


if __name__ == "__main__":
    main()
