"""Where a run's rows go: progress.csv, TensorBoard, Weights & Biases, and all of them at once."""

import importlib.machinery
import importlib.util
import json
import math
import sys
import types

import dowel
import pytest
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.record_writer import masked_crc32c

import garage_experiments
from learning.config.resolving import resolve
from learning.errors import UserError
from learning.logging.evaluation_csv import EvaluationRow
from learning.logging.outputs import StrictCsvOutput, TensorBoardOutput
from learning.logging.run_outputs import ResumePoint, RunOutputs
from learning.logging.wandb_output import WandbOutput, require_wandb


def row_of(**values):
    tabular = dowel.TabularInput()
    for key, value in values.items():
        tabular.record(key, value)
    return tabular


def read_events(run_dir):
    """Independent reader of the event files: length, checksum, protobuf, checksum."""
    scalars, starts = [], []
    for path in sorted(run_dir.glob("events.out.tfevents*")):
        data, position = path.read_bytes(), 0
        while position < len(data):
            length = int.from_bytes(data[position : position + 8], "little")
            checksum = int.from_bytes(data[position + 8 : position + 12], "little")
            assert checksum == masked_crc32c(data[position : position + 8])
            event = Event.FromString(data[position + 12 : position + 12 + length])
            position += 12 + length + 4
            if event.session_log.status:
                starts.append(event.step)
            scalars += [(each.tag, event.step, each.simple_value) for each in event.summary.value]
    return scalars, starts


def test_progress_csv_takes_rows_and_marks_them(tmp_path):
    output = StrictCsvOutput(tmp_path / "progress.csv")
    tabular = row_of(Epoch=0, TotalEnvSteps=10, x=math.nan)
    output.record(tabular)
    tabular.clear()  # warns, which is an error here, when a key was not marked
    with pytest.raises(ValueError, match="missing"):
        output.record(row_of(Epoch=1, TotalEnvSteps=20))
    output.close()
    assert (tmp_path / "progress.csv").read_text() == "Epoch,TotalEnvSteps,x\n0,10,nan\n"


def test_tensorboard_counts_in_environment_steps_and_skips_nan(tmp_path):
    output = TensorBoardOutput(tmp_path)
    output.record(row_of(Epoch=0, TotalEnvSteps=1000, x=0.5, y=math.nan))
    output.dump()
    output.close()
    scalars, starts = read_events(tmp_path)
    assert ("x", 1000, 0.5) in scalars
    assert {tag for tag, _, _ in scalars} == {"Epoch", "TotalEnvSteps", "x"}
    assert starts == []


def test_tensorboard_hides_what_came_after_the_snapshot(tmp_path):
    output = TensorBoardOutput(tmp_path, purge_after=1000)
    output.close()
    assert read_events(tmp_path)[1] == [1001]


class Rows(dowel.LogOutput):
    """A further output, which keeps what it is given."""

    types_accepted = (dowel.TabularInput,)

    def __init__(self):
        self.rows = []
        self.closed = 0

    def record(self, data, prefix=""):
        self.rows.append(data.as_primitive_dict)
        for key in data.as_primitive_dict:
            data.mark(key)

    def close(self):
        self.closed += 1


def test_a_runs_outputs_find_a_place_for_everything(tmp_path, capsys):
    more = Rows()
    outputs = RunOutputs(tmp_path, n_epochs=10, total_env_steps=100, more=[more])
    outputs.write_row({"Epoch": 0, "TotalEnvSteps": 10})
    assert (tmp_path / "progress.csv").read_text() == "Epoch,TotalEnvSteps\n0,10\n"
    outputs.write_row({"Epoch": 1, "TotalEnvSteps": 20})
    with pytest.raises(ValueError, match="missing"):
        outputs.write_row({"Epoch": 2})
    outputs.write_episodes(
        EvaluationRow(
            epoch=epoch,
            total_env_steps=10 * (epoch + 1),
            policy="own",
            task="stay",
            episode=0,
            episode_return=-1.5,
            success=0,
            any_subgoal=1,
            length=9,
        )
        for epoch in range(2)
    )
    outputs.advance(25)
    outputs.close()
    assert more.rows == [{"Epoch": 0, "TotalEnvSteps": 10}, {"Epoch": 1, "TotalEnvSteps": 20}]
    assert more.closed >= 1
    assert ("TotalEnvSteps", 20, 20.0) in read_events(tmp_path)[0]
    assert (tmp_path / "progress.csv").read_text() == "Epoch,TotalEnvSteps\n0,10\n1,20\n"
    # Without a terminal, the first row is shown and what follows it at once is not.
    shown = capsys.readouterr().err.splitlines()
    assert len(shown) == 1
    assert shown[0].startswith("epoch 1/10  10/100 env steps")
    resumed = RunOutputs(
        tmp_path,
        n_epochs=10,
        total_env_steps=100,
        resume=ResumePoint(epoch=0, total_env_steps=10),
    )
    resumed.close()
    assert (tmp_path / "progress.csv").read_text() == "Epoch,TotalEnvSteps\n0,10\n"
    assert (tmp_path / "eval.csv").read_text().splitlines()[1:] == ["0,10,own,stay,0,-1.5,0,1,9"]
    assert read_events(tmp_path)[1] == [11]


def test_a_runs_outputs_leave_dowels_own_logger_alone(tmp_path):
    output = Rows()
    dowel.logger.add_output(output)
    dowel.tabular.record("mine", 1)
    try:
        outputs = RunOutputs(tmp_path, n_epochs=1, total_env_steps=10)
        outputs.write_row({"Epoch": 0, "TotalEnvSteps": 10})
        outputs.close()
        assert output.rows == []
        assert output.closed == 0
        assert dowel.logger.has_output_type(Rows)
        assert dowel.tabular.as_primitive_dict == {"mine": 1}
    finally:
        dowel.logger.remove_output_type(Rows)
        dowel.tabular.mark("mine")
        dowel.tabular.clear()


def test_wandb_missing_names_the_requirements(tmp_path, monkeypatch):
    real = importlib.util.find_spec

    def without_wandb(name, *args, **kwargs):
        return None if name == "wandb" else real(name, *args, **kwargs)

    monkeypatch.setattr(importlib.util, "find_spec", without_wandb)
    monkeypatch.delitem(sys.modules, "wandb", raising=False)
    with pytest.raises(UserError, match=r"pip install -r requirements-wandb\.txt"):
        require_wandb()
    with pytest.raises(UserError, match=r"pip install -r requirements-wandb\.txt"):
        WandbOutput(tmp_path, name="run", config={"wandb": True})
    config = resolve("dnc_sac", "JacoReachMT5-v1", wandb=True, log_dir=str(tmp_path / "run"))
    with pytest.raises(UserError, match=r"pip install -r requirements-wandb\.txt"):
        garage_experiments.run_experiment(config)
    assert list(tmp_path.iterdir()) == []


def test_wandb_goes_on_under_its_id_and_counts_in_environment_steps(tmp_path, monkeypatch):
    logged, begun = [], []

    class FakeRun:
        def log(self, numbers, step):
            logged.append((numbers, step))

        def finish(self):
            logged.append("finished")

    fake = types.SimpleNamespace(
        __spec__=importlib.machinery.ModuleSpec("wandb", None),
        util=types.SimpleNamespace(generate_id=lambda: f"id{len(begun)}"),
        init=lambda **arguments: begun.append(arguments) or FakeRun(),
    )
    monkeypatch.setitem(sys.modules, "wandb", fake)
    config = resolve("dnc_sac", "JacoReachMT5-v1", wandb=True)
    for _ in range(2):
        output = WandbOutput(tmp_path, name="a run", config=json.loads(config.to_json()))
        output.record(row_of(TotalEnvSteps=7, x=1.0, y=math.nan))
        output.close()
    assert [arguments["id"] for arguments in begun] == ["id0", "id0"]
    assert [arguments["name"] for arguments in begun] == ["a run", "a run"]
    assert begun[0]["config"]["lr"] == config.lr
    assert logged == [({"TotalEnvSteps": 7.0, "x": 1.0}, 7), "finished"] * 2
