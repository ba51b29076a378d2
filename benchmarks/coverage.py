"""How often a 95 % interval holds the true value: `python -m benchmarks.coverage --out FILE`.

Simulated studies in which the truth is known. A study has n runs of T tasks. The tasks of a run
share an effect of the run, as those of one training do: in every world the score of run r and task
t is made of

    z[r, t] = sqrt(rho) u[r] + sqrt(1 - rho) e[r, t],    e normal.

- `normal`: score = task's mean + 0.2 z, u normal.
- `solved`: score = 1 where z is below the task's quantile, else 0, u normal: a task is solved or
  not.
- `skewed`: as `normal`, but u is exponential (less its mean): now and then a run is far better.
"""

import dataclasses
import math
import pathlib
from collections.abc import Callable, Sequence
from typing import Literal

import click
import numpy as np
from scipy import special

from benchmarks.result_file import write_rows
from learning.analysis.bootstrap import Interval, interval, pair_interval, resampled_rows
from learning.analysis.statistics import Array, improvements, iqm, mean

World = Literal["normal", "solved", "skewed"]
WORLDS: tuple[World, ...] = ("normal", "solved", "skewed")
Way = Callable[..., Interval]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Study:
    """What is simulated.

    Attributes:
        world: How scores are made.
        n_runs: Runs a study.
        n_tasks: Tasks a run.
        rho: Correlation of the tasks of a run.
        shift: What is added to every score.
    """

    world: World
    n_runs: int
    n_tasks: int = 10
    rho: float = 0.5
    shift: float = 0.0

    def draw(self, n_studies: int, random: np.random.Generator) -> Array:
        """Return the scores of studies, [n_studies, n_runs, n_tasks]."""
        tasks = np.linspace(0.1, 0.9, self.n_tasks)
        if self.world == "skewed":
            of_run = random.exponential(size=(n_studies, self.n_runs, 1)) - 1
        else:
            of_run = random.normal(size=(n_studies, self.n_runs, 1))
        of_task = random.normal(size=(n_studies, self.n_runs, self.n_tasks))
        z = math.sqrt(self.rho) * of_run + math.sqrt(1 - self.rho) * of_task
        if self.world == "solved":
            return np.asarray((z < special.ndtri(tasks)).astype(float) + self.shift)
        return np.asarray(tasks + 0.2 * z + self.shift)

    def true_mean(self) -> float:
        """Return the true mean over runs and tasks: the tasks' means are 0.1 to 0.9."""
        return 0.5 + self.shift

    def true_iqm(self) -> float:
        """Return the IQM of so many runs that chance does not matter."""
        many = dataclasses.replace(self, n_runs=400_000 // self.n_tasks)
        return float(iqm(many.draw(5, np.random.default_rng(0))).mean())


def by_runs(scores: Array, *, n_resamples: int, seed: int) -> Interval:
    """Return the interval that tables have, of the mean of scores [runs, tasks]."""
    return interval(scores, mean, n_resamples=n_resamples, seed=seed)


def percentile(scores: Array, *, n_resamples: int, seed: int) -> Interval:
    """Return the plain percentile interval over runs."""
    return interval(scores, mean, method="percentile", n_resamples=n_resamples, seed=seed)


def students_t(scores: Array, *, n_resamples: int, seed: int) -> Interval:
    """Return Student's interval of the runs' means, which resamples nothing."""
    means = scores.mean(axis=1)
    reach = special.stdtrit(len(means) - 1, 0.975) * _standard_error(means)
    return Interval(float(means.mean() - reach), float(means.mean() + reach))


def bootstrap_t(scores: Array, *, n_resamples: int, seed: int) -> Interval:
    """Return the bootstrap-t interval of the runs' means (Efron and Tibshirani 1993, chapter 12).

    Resamples of one run alone have no standard error and are left out.
    """
    means = scores.mean(axis=1)
    resampled = means[resampled_rows(len(means), n_resamples, seed)]
    errors = _standard_error(resampled)
    spread = errors > 1e-12
    if not spread.any():
        return Interval(float(means.mean()), float(means.mean()))
    t = (resampled.mean(axis=1)[spread] - means.mean()) / errors[spread]
    low, high = np.quantile(t, [0.025, 0.975])
    error = _standard_error(means)
    return Interval(float(means.mean() - high * error), float(means.mean() - low * error))


def task_by_task(scores: Array, *, n_resamples: int, seed: int) -> Interval:
    """Return the percentile interval of the mean where every task's runs are resampled apart.

    The stratified bootstrap of Agarwal et al. (2021), made for tasks that were trained apart.
    """
    n_runs, n_tasks = scores.shape
    rows = np.random.default_rng(seed).integers(n_runs, size=(n_resamples, n_runs, n_tasks))
    means = scores[rows, np.arange(n_tasks)].mean(axis=(1, 2))
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(low), float(high))


def _standard_error(means: Array) -> Array:
    """Return the standard error of the mean of the last axis."""
    return np.asarray(means.std(axis=-1, ddof=1) / math.sqrt(means.shape[-1]))


WAYS: dict[str, Way] = {
    "runs, percentiles widened to Student's t": by_runs,
    "runs, percentiles": percentile,
    "Student's t": students_t,
    "runs, bootstrap-t": bootstrap_t,
    "task by task, percentiles": task_by_task,
}
"""Ways to an interval of the mean; the first is that of the tables."""
OURS = next(iter(WAYS))


def coverage_of_mean(
    study: Study, way: Way, *, n_studies: int, n_resamples: int, seed: int = 0
) -> float:
    """Return the share of studies whose interval holds the true mean.

    Args:
        study: What is simulated.
        way: The way to the interval.
        n_studies: Number of studies.
        n_resamples: Resamples an interval.
        seed: Seed of the studies; each interval has a resampling of its own.
    """
    truth = study.true_mean()
    hits = 0
    for number, scores in enumerate(study.draw(n_studies, np.random.default_rng(seed))):
        found = way(scores, n_resamples=n_resamples, seed=number)
        hits += found.low <= truth <= found.high
    return hits / n_studies


def coverage_of_iqm(study: Study, *, n_studies: int, n_resamples: int, seed: int = 0) -> float:
    """Return the share of studies whose interval holds the true IQM; see `coverage_of_mean`."""
    truth = study.true_iqm()
    hits = 0
    for number, scores in enumerate(study.draw(n_studies, np.random.default_rng(seed))):
        found = interval(scores, iqm, n_resamples=n_resamples, seed=number)
        hits += found.low <= truth <= found.high
    return hits / n_studies


def coverage_of_pair(
    study: Study, *, difference: float, n_studies: int, n_resamples: int, seed: int = 0
) -> tuple[float, float]:
    """Return the shares of studies whose intervals hold the true difference and P(A > B).

    Args:
        study: What B's studies are; A's scores lie `difference` above.
        difference: Difference of the means.
        n_studies: Number of studies.
        n_resamples: Resamples an interval.
        seed: Seed of the studies.
    """
    random = np.random.default_rng(seed)
    above = dataclasses.replace(study, shift=difference)
    many = dataclasses.replace(study, n_runs=3000), dataclasses.replace(above, n_runs=3000)
    truth = float(improvements(many[1].draw(1, random)[0], many[0].draw(1, random)[0]).mean())
    hits = [0, 0]
    for number, (x, y) in enumerate(
        zip(above.draw(n_studies, random), study.draw(n_studies, random), strict=True)
    ):
        pairs = improvements(x, y)
        found = pair_interval(
            len(x),
            len(y),
            lambda a, b, x=x, y=y: mean(x[a]) - mean(y[b]),  # type: ignore[misc]
            n_resamples=n_resamples,
            seed=number,
        )
        hits[0] += found.low <= difference <= found.high
        found = pair_interval(
            len(x),
            len(y),
            lambda a, b, pairs=pairs: pairs[a[:, :, None], b[:, None]].mean(axis=(1, 2)),  # type: ignore[misc]
            bounds=(0.0, 1.0),
            n_resamples=n_resamples,
            seed=number,
        )
        hits[1] += found.low <= truth <= found.high
    return hits[0] / n_studies, hits[1] / n_studies


def rows(
    n_runs: Sequence[int], *, n_studies: int, n_resamples: int
) -> list[dict[str, str | int | float]]:
    """Return a row a world, number of runs, statistic and way."""
    table: list[dict[str, str | int | float]] = []

    def add(study: Study, statistic: str, way: str, coverage: float) -> None:
        table.append(
            {
                "world": study.world,
                "runs": study.n_runs,
                "tasks": study.n_tasks,
                "rho": study.rho,
                "statistic": statistic,
                "way": way,
                "studies": n_studies,
                "resamples": n_resamples,
                "coverage": round(coverage, 4),
            }
        )
        click.echo("  ".join(map(str, table[-1].values())))

    how = {"n_studies": n_studies, "n_resamples": n_resamples}
    for world in WORLDS:
        for n in n_runs:
            study = Study(world=world, n_runs=n)
            for name, way in WAYS.items():
                add(study, "mean", name, coverage_of_mean(study, way, **how))
            add(study, "IQM", OURS, coverage_of_iqm(study, **how))
            if world != "solved":
                both = coverage_of_pair(study, difference=0.1, **how)
                for statistic, coverage in zip(("A - B", "P(A > B)"), both, strict=True):
                    add(study, statistic, OURS, coverage)
    return table


@click.command()
@click.option("--runs", multiple=True, type=click.IntRange(min=2), default=(3, 5, 10, 20))
@click.option("--studies", type=click.IntRange(min=1), default=2000, show_default=True)
@click.option("--resamples", type=click.IntRange(min=100), default=2000, show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=pathlib.Path), help="CSV file.")
def main(runs: tuple[int, ...], studies: int, resamples: int, out: pathlib.Path) -> None:
    """Write the coverage of the intervals in simulated studies; some minutes."""
    write_rows(out, rows(runs, n_studies=studies, n_resamples=resamples))


if __name__ == "__main__":
    main()
