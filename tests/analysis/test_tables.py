"""A table's cells, its notes, and the ways to write it."""

import csv
import io
import json
import math
import re

import numpy as np
import pytest

from learning.analysis.points import At, Window
from learning.analysis.table_data import to_csv, to_json
from learning.analysis.table_lines import cell_lines, number
from learning.analysis.table_text import latex, markdown, text
from learning.analysis.tables import make_table
from learning.errors import RecordError
from tests.analysis.curves_by_hand import make_curve

STEPS = [100, 200]


def table_of(curves, *points, thresholds=()):
    return make_table(
        curves, points, measure="success", who="own", thresholds=thresholds, bounds=(0, 1)
    )


def three_seeds():
    return [
        make_curve(STEPS, [0, a], [0, b], seed=seed)
        for seed, (a, b) in enumerate(((0.2, 0.4), (0.6, 0.8), (0.1, 0.3)), start=1)
    ]


def test_a_cell_by_hand():
    """Scores .2 .4 .6 .8 .1 .3: their mean .4; without the least and greatest: .375."""
    table = table_of(three_seeds(), At(200))
    ((cell,),) = table.cells
    assert cell.mean == pytest.approx(0.4)
    assert cell.iqm == pytest.approx(0.375)
    assert cell.values == pytest.approx((0.3, 0.7, 0.2))
    assert cell.seeds == (1, 2, 3)
    assert 0 <= cell.mean_interval.low < 0.4 < cell.mean_interval.high <= 1
    assert table.rows == ("mtsac",)
    assert "fewer than 5 seeds (mtsac): the interval means little" in table.notes[0]
    assert "min 0.200 max 0.700" in cell_lines(cell)
    assert "seeds 0.300 0.700 0.200" in cell_lines(cell)


def test_five_seeds_are_not_few():
    curves = [make_curve([1], [seed / 10], seed=seed) for seed in range(5)]
    table = table_of(curves, At(1))
    assert table.notes == ()
    assert not any("min" in line for line in cell_lines(table.cells[0][0]))


def test_a_missing_number_is_said_and_leaves_the_others():
    curves = [*three_seeds(), make_curve([100], [0.5], [0.5], seed=4)]
    curves.append(make_curve(STEPS, [0, math.nan], [0, 1], seed=5))
    table = table_of(curves, At(200))
    cell = table.cells[0][0]
    assert (cell.n_runs, cell.seeds, cell.mean) == (5, (1, 2, 3), pytest.approx(0.4))
    assert "missing: 2 of 5 runs" in cell_lines(cell)
    assert "missing: mtsac, E, 200, seed 4: its last evaluation is at 100" in table.notes
    assert "missing: mtsac, E, 200, seed 5: t0 is NaN at 200" in table.notes
    nobody = table_of(curves, At(900)).cells[0][0]
    assert math.isnan(nobody.mean)
    assert cell_lines(nobody) == ["missing (0 of 5 runs)"]


def test_task_sets_are_columns():
    curves = [*three_seeds(), make_curve(STEPS, [0.5, 0.5], label="dnc_sac", env="F")]
    table = table_of(curves, At(100), Window(100, 200))
    assert [(column.env, column.name) for column in table.columns] == [
        (env, name) for env in ("E", "F") for name in ("100", "mean 100 to 200")
    ]
    assert table.cells[0][2] is None
    assert table.cells[1][3].mean == 0.5
    assert "F: mean 100 to 200" in text(table)


def test_seeds_of_other_tasks_do_not_meet():
    curves = [make_curve([1], [0.5], tasks=(name,), seed=seed) for seed, name in enumerate("ab")]
    with pytest.raises(RecordError, match=r"have different tasks: a \| b"):
        table_of(curves, At(1))


def test_equal_seeds_say_that_their_interval_says_nothing():
    curves = [make_curve([1], [1.0], seed=seed) for seed in range(5)]
    table = table_of(curves, At(1))
    assert table.notes == (
        "all seeds have one value, so that the interval says nothing: mtsac at 1",
    )


def odd_table():
    curves = [
        make_curve(STEPS, [0, 1], label="a_b|50%", seed=1),
        make_curve(STEPS, [0, 0.25], label="a_b|50%", seed=2),
        make_curve(STEPS, [0, 0.5], label="dnc_sac", env="F"),
    ]
    return table_of(curves, At(200), At(300), thresholds=(0.5,))


def test_text_is_aligned():
    lines = text(odd_table()).splitlines()
    (rule,) = [line for line in lines if line.startswith("---")]
    starts = [match.start() for match in re.finditer(r"(?<!-)-+", rule)]
    (row,) = [line for line in lines if line.startswith("a_b|50%")]
    assert row[starts[1] :].startswith("0.625 [0.000, 1.000]")
    assert row[starts[2] :].startswith("missing (0 of 2 runs)")
    assert row[starts[3] :].startswith("1 of 2 runs: 0.500 [0.013, 0.987]")


def test_markdown_has_as_many_cells_in_every_row():
    lines = [line for line in markdown(odd_table()).splitlines() if line.startswith("|")]
    assert len(lines) == 4
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {8}
    assert r"a_b\|50%" in lines[2]


def test_latex_is_a_booktabs_table_whose_braces_and_columns_fit():
    written = latex(odd_table())
    bare = re.sub(r"\\[{}]", "", written)
    depth = np.cumsum([{"{": 1, "}": -1}.get(sign, 0) for sign in bare])
    assert depth.min() >= 0
    assert depth[-1] == 0
    body = written[written.index(r"\toprule") : written.index(r"\bottomrule")]
    rules = re.findall(r"\\(toprule|midrule|bottomrule)", written)
    assert rules == ["toprule", "midrule", "bottomrule"]
    n_columns = len(re.search(r"\\begin\{tabular\}\{(l+)\}", written)[1])
    rows = [line for line in body.splitlines() if line.endswith(r" \\")]
    assert len(rows) == 3
    assert {len(re.findall(r"(?<!\\)&", row)) + 1 for row in rows} == {n_columns} == {7}
    assert r"a\_b$|$50\%" in written
    assert not re.findall(r"(?<!\\)[%#](?! needs)", written)
    # [ behind a line's break would be its optional argument.
    assert not re.search(r"\\\\\s*\[", written)


def test_csv_and_json_hold_every_number():
    table = odd_table()
    content = json.loads(to_json(table))
    assert content["notes"] == list(table.notes)
    rows = list(csv.DictReader(io.StringIO(to_csv(table))))
    assert len(rows) == len(content["cells"]) == 6
    first, missing, reached = content["cells"][:3]
    assert (first["label"], first["env"], first["column"]) == ("a_b|50%", "E", "200")
    assert (first["mean"], first["seeds"]) == (0.625, {"1": 1.0, "2": 0.25})
    assert (missing["mean"], missing["runs"]) == (None, 2)
    assert missing["missing"]["1"] == "its last evaluation is at 200"
    assert (reached["reached_share"], reached["median_steps"]) == (0.5, None)
    assert reached["seeds"] == {"1": 200, "2": None}
    assert reached["missing"] == {"2": "not reached by 200"}
    assert float(rows[0]["mean"]) == 0.625
    assert rows[0]["seeds"] == "1: 1.0; 2: 0.25"
    assert rows[1]["mean"] == ""


def test_numbers_are_as_long_as_they_need_be():
    assert [number(value) for value in (0.12345, -9.5, 123.456, math.nan)] == [
        "0.123",
        "-9.500",
        "123.5",
        "nan",
    ]
