"""Our default neighbours on MT10 beside those of MT-Levy's table; run with `python -m`.

Rank correlation (Spearman, over the nine other tasks), and how many of the four nearest are shared.
"""

import pathlib

import click
import numpy as np

from benchmarks.result_file import write_rows
from environments import make_task_set
from learning.policies.levy.task_neighbors import Ints, nearest_first

N_NEAREST = 4
"""MT-Levy takes the five nearest, the task itself among them."""


def rank_correlation(ours: Ints, theirs: Ints) -> float:
    """Return Spearman's correlation of two orders of the same tasks, without ties.

    Args:
        ours: Tasks in one order, [n].
        theirs: Tasks in the other order, [n].
    """
    differences = ours.argsort() - theirs.argsort()
    n = len(ours)
    return 1.0 - 6.0 * float((differences**2).sum()) / (n * (n**2 - 1))


def _positions(order: Ints, task: int) -> Ints:
    """Return the other tasks of a row in their order, renumbered without the row's own task."""
    others = order[order != task]
    positions: Ints = others - (others > task)
    return positions


@click.command()
@click.option(
    "--folder",
    type=click.Path(exists=True, path_type=pathlib.Path),
    default=pathlib.Path("results/neighbors_mt10"),
    help="Has published_order.csv; comparison.csv is written there.",
)
def main(folder: pathlib.Path) -> None:
    """Compare the orders row by row."""
    task_set = make_task_set("MetaWorldMT10-v2")
    distances = task_set.task_distances()
    assert distances is not None
    ours = nearest_first(distances)
    theirs = np.loadtxt(folder / "published_order.csv", delimiter=",", dtype=np.int64)
    rows = []
    for task, (our_row, their_row) in enumerate(zip(ours, theirs, strict=True)):
        correlation = rank_correlation(_positions(our_row, task), _positions(their_row, task))
        nearest = slice(1, 1 + N_NEAREST)
        rows.append((correlation, len(set(our_row[nearest]) & set(their_row[nearest]))))
    means = np.mean(rows, axis=0)
    columns = ("task", "rank_correlation", f"shared_of_{N_NEAREST}_nearest")
    written = [
        (name, f"{correlation:.3f}", str(shared))
        for name, (correlation, shared) in zip(task_set.task_names, rows, strict=True)
    ]
    written.append(("mean", f"{means[0]:.3f}", f"{means[1]:.1f}"))
    write_rows(folder / "comparison.csv", [dict(zip(columns, row, strict=True)) for row in written])


if __name__ == "__main__":
    main()
