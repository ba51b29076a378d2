"""Turn run folders into the small CSV files of `results/`: `python -m tools.collect_results`.

For each run, its evaluated rows; for all runs together, a summary: mean over seeds at chosen env
steps, with the seeds' own values, since seeds, not episodes, are the unit of a confidence interval.
"""

import csv
import math
import pathlib
import statistics
from collections import defaultdict

import click

from benchmarks.result_file import write_rows
from learning.analysis.results_folder import CsvRun, add_csv_run
from learning.analysis.run_names import CSV_NAME
from learning.analysis.run_record import read_record
from learning.logging.columns import EPOCH, MIXTURE, OWN, TOTAL_ENV_STEPS
from learning.logging.run_folder import PROGRESS_FILE
from learning.logging.tables import read_rows

MEASURES = ("SuccessRate", "AnySubgoalRate", "AverageReturn")
KEPT = (EPOCH, TOTAL_ENV_STEPS, OWN, MIXTURE, "Behaviour", "Levy", "AlphaTemperature/mean")
Row = dict[str, float]


def evaluated_rows(run_dir: pathlib.Path) -> list[Row]:
    """Read the rows of progress.csv with an evaluation, the columns of `KEPT` alone.

    Args:
        run_dir: Folder of the run.
    """
    columns, lines = read_rows(run_dir / PROGRESS_FILE)
    kept = [name for name in columns if name in KEPT or name.partition("/")[0] in KEPT]
    rows = []
    for line in lines:
        values = dict(zip(columns, line, strict=True))
        if values[f"{OWN}/SuccessRate"] != "nan":
            rows.append({name: float(values[name]) for name in kept})
    return rows


def collected_runs(folder: pathlib.Path) -> dict[tuple[str, int], list[Row]]:
    """Read the runs' files of a results folder.

    Args:
        folder: Folder that holds <label>_seed<seed>.csv files.

    Returns:
        Label and seed -> rows, sorted.
    """
    runs: dict[tuple[str, int], list[Row]] = {}
    for path in folder.iterdir():
        match = CSV_NAME.fullmatch(path.name)
        if match is not None:
            with path.open(newline="", encoding="utf-8") as file:
                rows = [
                    {name: float(value) for name, value in row.items()}
                    for row in csv.DictReader(file)
                ]
            runs[match["label"], int(match["seed"])] = rows
    return dict(sorted(runs.items()))


def at_steps(rows: list[Row], column: str, env_steps: int, window: int = 0) -> float:
    """Return the value of the evaluation nearest to `env_steps`; NaN where it lies a tenth off.

    Args:
        rows: Evaluated rows.
        column: Column of the value.
        env_steps: Env steps, in total over the tasks.
        window: Where positive, return the mean of the evaluations of so many env steps around
            `env_steps` instead (NaN: there is none), for curves that swing.
    """
    if window:
        inside = [
            row[column]
            for row in rows
            if column in row and abs(row[TOTAL_ENV_STEPS] - env_steps) <= window / 2
        ]
        return statistics.fmean(inside) if inside else math.nan
    nearest = min(rows, key=lambda row: abs(row[TOTAL_ENV_STEPS] - env_steps))
    if abs(nearest[TOTAL_ENV_STEPS] - env_steps) > 0.1 * env_steps or column not in nearest:
        return math.nan
    return nearest[column]


def summary(
    runs: dict[tuple[str, int], list[Row]], steps: tuple[int, ...], window: int = 0
) -> list[dict[str, str | int | float]]:
    """Summarise over seeds.

    Args:
        runs: Runs, (method, seed) -> evaluated rows.
        steps: Env steps at which to summarise.
        window: Window, see `at_steps`.

    Returns:
        A row a method, measure and number of env steps: mean, half width of the 95 % confidence
        interval over seeds (Student's t), and each seed's value.
    """
    by_method: dict[str, dict[int, list[Row]]] = defaultdict(dict)
    for (method, seed), rows in runs.items():
        by_method[method][seed] = rows
    table: list[dict[str, str | int | float]] = []
    for method, seeds in by_method.items():
        for column in (f"{who}/{measure}" for who in (OWN, MIXTURE) for measure in MEASURES):
            for env_steps in steps:
                values = [at_steps(rows, column, env_steps, window) for rows in seeds.values()]
                values = [value for value in values if not math.isnan(value)]
                if not values:
                    continue
                table.append(
                    {
                        "method": method,
                        "column": column,
                        "env_steps": env_steps,
                        "seeds": len(values),
                        "mean": round(statistics.fmean(values), 4),
                        "ci95_half_width": round(half_width(values), 4),
                        "values": " ".join(f"{value:.4g}" for value in values),
                    }
                )
    return table


def half_width(values: list[float]) -> float:
    """Return half the width of the 95 % confidence interval of a mean; NaN for a single value."""
    from scipy import stats  # noqa: PLC0415  (slow to import)

    if len(values) == 1:
        return math.nan
    quantile = float(stats.t.ppf(0.975, len(values) - 1))
    return quantile * statistics.stdev(values) / math.sqrt(len(values))


@click.command()
@click.argument("run_dirs", nargs=-1, type=click.Path(exists=True, path_type=pathlib.Path))
@click.option("--out", required=True, type=click.Path(path_type=pathlib.Path), help="Folder.")
@click.option("--steps", multiple=True, type=int, default=(200_000, 300_000, 400_000, 500_000))
@click.option("--window", type=click.IntRange(min=0), default=0, help="See at_steps.")
@click.option("--label", help="What all these runs are called.  [default: their name or method]")
def main(
    run_dirs: tuple[pathlib.Path, ...],
    out: pathlib.Path,
    steps: tuple[int, ...],
    window: int,
    label: str | None,
) -> None:
    """Write OUT/<label>_seed<seed>.csv for each run, and of all that OUT holds OUT/summary.csv.

    What a run is (method, task set, precision, protocol card) goes into OUT/runs.json.

    A run given a --name is called by it, any other by its method. Without runs only the summary is
    written anew.
    """
    for run_dir in run_dirs:
        record = read_record(run_dir)
        called = label or record.label
        write_rows(out / f"{called}_seed{record.seed}.csv", evaluated_rows(run_dir))
        add_csv_run(
            out,
            called,
            CsvRun(
                env=record.env,
                method=record.method,
                precision=record.precision,
                protocol=record.protocol,
            ),
        )
    table = summary(collected_runs(out), steps, window)
    write_rows(out / "summary.csv", table)
    for row in table:
        click.echo("  ".join(f"{value}" for value in row.values()))


if __name__ == "__main__":
    main()
