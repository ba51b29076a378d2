"""Outputs of garage's logger: progress.csv, TensorBoard, the text log, Weights & Biases."""

import builtins
import importlib
import math
import types

import dowel
import pytest
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.record_writer import masked_crc32c

from learning.config.resolving import resolve
from learning.errors import UserError
from learning.logging.outputs import StrictCsvOutput, TensorBoardOutput, TextLogOutput
from learning.logging.setup import ResumePoint, open_outputs
from learning.logging.wandb_output import WandbOutput


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


def test_text_log_keeps_prefixes_and_appends(tmp_path):
    for word in ("one", "two"):
        output = TextLogOutput(tmp_path / "debug.log")
        output.record(word, prefix="epoch #0 | ")
        output.close()
    assert (tmp_path / "debug.log").read_text() == "epoch #0 | one\nepoch #0 | two\n"


def test_garages_logger_finds_an_output_for_everything(tmp_path):
    config = resolve("qmp_dnc", "JacoReachMT5-v1")
    logger = dowel.logger.__class__()
    outputs = open_outputs(tmp_path, config, total_env_steps=100)
    for output in outputs.logger_outputs:
        logger.add_output(output)
    logger.log("a message")
    tabular = row_of(Epoch=0, TotalEnvSteps=10)
    logger.log(tabular)
    logger.dump_all(0)
    tabular.clear()
    logger.log(row_of(Epoch=1, TotalEnvSteps=20))
    outputs.close()
    resumed = open_outputs(
        tmp_path, config, total_env_steps=100, resume=ResumePoint(epoch=0, total_env_steps=10)
    )
    resumed.close()
    assert (tmp_path / "progress.csv").read_text() == "Epoch,TotalEnvSteps\n0,10\n"
    assert (tmp_path / "debug.log").read_text() == "a message\n"


def test_wandb_missing_names_the_requirements(tmp_path, monkeypatch):
    real = builtins.__import__

    def without_wandb(name, *args, **kwargs):
        if name == "wandb":
            raise ModuleNotFoundError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(importlib, "import_module", without_wandb)
    with pytest.raises(UserError, match=r"pip install -r requirements-wandb\.txt"):
        WandbOutput(tmp_path, resolve("dnc_sac", "JacoReachMT5-v1", wandb=True))


def test_wandb_goes_on_under_its_id_and_counts_in_environment_steps(tmp_path, monkeypatch):
    logged, begun = [], []

    class FakeRun:
        def log(self, numbers, step):
            logged.append((numbers, step))

        def finish(self):
            logged.append("finished")

    fake = types.SimpleNamespace(
        util=types.SimpleNamespace(generate_id=lambda: f"id{len(begun)}"),
        init=lambda **arguments: begun.append(arguments) or FakeRun(),
    )
    monkeypatch.setattr(importlib, "import_module", lambda _: fake)
    config = resolve("dnc_sac", "JacoReachMT5-v1", wandb=True)
    for _ in range(2):
        output = WandbOutput(tmp_path, config)
        output.record(row_of(TotalEnvSteps=7, x=1.0, y=math.nan))
        output.close()
    assert [arguments["id"] for arguments in begun] == ["id0", "id0"]
    assert begun[0]["config"]["lr"] == config.lr
    assert logged == [({"TotalEnvSteps": 7.0, "x": 1.0}, 7), "finished"] * 2
