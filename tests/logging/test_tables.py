"""Tables: fixed columns, rows on the disk at once, and cutting back to a snapshot."""

import math

import numpy as np
import pytest

from learning.errors import RecordError
from learning.logging.evaluation_csv import EvaluationCsv, EvaluationRow
from learning.logging.tables import Table, read_rows, truncate_rows

THREE = "Epoch,x\n0,1.5\n1,nan\n2,2.5\n"


def test_rows_are_readable_before_the_file_is_closed(tmp_path):
    table = Table(tmp_path / "t.csv")
    table.append({"Epoch": 0, "x": np.float32(1.5), "y": math.nan})
    table.append({"y": np.int64(3), "x": 2.5, "Epoch": 1})
    assert (tmp_path / "t.csv").read_text() == "Epoch,x,y\n0,1.5,nan\n1,2.5,3\n"
    table.close()


def test_floats_are_written_exactly(tmp_path):
    table = Table(tmp_path / "t.csv")
    table.append({"x": 0.1 + 0.2, "y": np.float64(1 / 3)})
    table.close()
    _, (row,) = read_rows(tmp_path / "t.csv")
    assert [float(cell) for cell in row] == [0.1 + 0.2, 1 / 3]


def test_another_set_of_columns_is_an_error(tmp_path):
    table = Table(tmp_path / "t.csv")
    table.append({"Epoch": 0, "x": 1})
    with pytest.raises(ValueError, match=r"missing \['x'\], new \['z'\]"):
        table.append({"Epoch": 1, "z": 1})
    table.close()
    reopened = Table(tmp_path / "t.csv")
    with pytest.raises(ValueError, match=r"missing \['x'\], new \[\]"):
        reopened.append({"Epoch": 1})
    reopened.append({"x": 2, "Epoch": 1})
    reopened.close()
    assert (tmp_path / "t.csv").read_text() == "Epoch,x\n0,1\n1,2\n"


@pytest.mark.parametrize(
    ("text", "last", "kept", "result"),
    [
        (THREE, 1, "Epoch,x\n0,1.5\n1,nan\n", 1),
        (THREE, 7, THREE, 2),
        (THREE, -1, "Epoch,x\n", None),
        ("Epoch,x\n0,1.5\n1,2.", 5, "Epoch,x\n0,1.5\n", 0),
        ("Epoch,x\n0,1.5\n1", 5, "Epoch,x\n0,1.5\n", 0),
        ("Epoch,x\n", 5, "Epoch,x\n", None),
        ("Epoch,", 5, "", None),
        ("", 5, "", None),
    ],
)
def test_truncates_to_the_snapshot_and_drops_a_torn_line(tmp_path, text, last, kept, result):
    path = tmp_path / "t.csv"
    path.write_text(text)
    assert truncate_rows(path, "Epoch", last) == result
    assert path.read_text() == kept
    assert list(tmp_path.iterdir()) == [path]


def test_truncating_what_is_not_there_or_damaged(tmp_path):
    path = tmp_path / "t.csv"
    assert truncate_rows(path, "Epoch", 3) is None
    assert not path.exists()
    path.write_text("Epoch,x\n0\n1,2\n")
    with pytest.raises(RecordError, match=r"t\.csv, line 2: 1 values under 2 columns"):
        truncate_rows(path, "Epoch", 3)
    path.write_text("x\n0\n")
    with pytest.raises(RecordError, match="has no column Epoch"):
        truncate_rows(path, "Epoch", 3)


def evaluation_row(epoch, episode):
    return EvaluationRow(
        epoch=epoch,
        total_env_steps=1000 * (epoch + 1),
        policy="own",
        task="stay",
        episode=episode,
        episode_return=-2.25,
        success=1,
        any_subgoal=1,
        length=90,
    )


def test_evaluation_csv_goes_on_after_the_snapshot(tmp_path):
    path = tmp_path / "eval.csv"
    csv = EvaluationCsv(path)
    csv.append([evaluation_row(0, 0), evaluation_row(0, 1), evaluation_row(1, 0)])
    csv.close()
    resumed = EvaluationCsv(path, resume_after=0)
    resumed.append([evaluation_row(1, 7)])
    resumed.close()
    assert path.read_text().splitlines() == [
        "epoch,total_env_steps,policy,task,episode,return,success,any_subgoal,length",
        "0,1000,own,stay,0,-2.25,1,1,90",
        "0,1000,own,stay,1,-2.25,1,1,90",
        "1,2000,own,stay,7,-2.25,1,1,90",
    ]
