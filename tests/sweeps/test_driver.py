"""What the driver makes of how runs end, told by processes that only pretend to train."""

import dataclasses
import os
import signal
import subprocess
import sys
import time

import pytest

from learning.config.resolving import resolve
from learning.logging.run_lock import held
from learning.sweeps import driver
from learning.sweeps.driver import Sweep, SweepOptions
from learning.sweeps.estimates import duration
from learning.sweeps.grid_file import read_grid
from learning.sweeps.grid_runs import grid_runs
from learning.sweeps.reports import eta_text, status_counts, summary_text

RUN = """
import json, pathlib, sys, time

words = sys.argv[1:]
resumes = words[0] == "resume"
folder = pathlib.Path(words[1] if resumes else words[-1].removeprefix("--log_dir="))
fate = folder.name.rpartition("_")[0]
folder.mkdir(parents=True, exist_ok=True)
config = {"config_version": 4, "method": "m", "env": "e", "name": fate, "seed": 1, "n_epochs": 3}
(folder / "config.json").write_text(json.dumps(config))
calls = folder / "calls"
before = calls.read_text().splitlines() if calls.exists() else []
calls.write_text("\\n".join([*before, " ".join(words)]) + "\\n")

def snapshot(epoch):
    place = folder / f"snapshots/epoch_{epoch:06d}"
    place.mkdir(parents=True, exist_ok=True)
    (place / "snapshot.json").touch()

code = 0
if fate == "diverges":
    code = 3
elif fate == "fails" or (fate == "second" and not before):
    print("no such luck")
    code = 1
elif fate == "elsewhere" and len(before) < 3:
    code = 5
elif fate == "torn" and not before:
    snapshot(0)
    snapshot(1)
    code = 1
elif fate == "torn" and words[-1] != "--snapshot=epoch_000000":
    code = 4
elif fate == "endless":
    (folder / "begun").touch()
    try:
        time.sleep(100)
    except KeyboardInterrupt:
        code = 130
time.sleep(0.3)
if not code:
    snapshot(2)
    (folder / "progress.csv").write_text("Epoch\\n0\\n1\\n2\\n")
sys.exit(code)
"""


class Pretended:
    """Starts the script instead of run.py."""

    def __init__(self, words, log):
        log.parent.mkdir(exist_ok=True)
        with log.open("a") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-c", RUN, *words], stdout=file, stderr=file
            )
        self.poll, self.kill = self._process.poll, self._process.kill

    def stop(self):
        self._process.send_signal(signal.SIGINT)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(driver, "POLL", 0.02)
    monkeypatch.setattr(driver, "BUSY", 0.1)


def sweep_of(tmp_path, *fates, jobs=2, retries=1, on_look=lambda sweep: None):
    runs = "".join(f'[[runs]]\nmethod = "mtsac"\nname = "{fate}"\n' for fate in fates)
    path = tmp_path / "grid.toml"
    path.write_text(f'envs = ["JacoReachMT5-v1"]\nseeds = [1]\n{runs}')
    return Sweep(
        path,
        grid_runs(read_grid(path), tmp_path / "runs"),
        tmp_path / "sweep",
        SweepOptions(jobs=jobs, retries=retries),
        on_look=on_look,
        launch=Pretended,
    )


def by_name(sweep):
    return {folder.name.rpartition("_")[0]: each for folder, each in sweep.progress.items()}


def calls(sweep, fate):
    (folder,) = [each for each in sweep.progress if each.name == f"{fate}_1"]
    return [line.split() for line in (folder / "calls").read_text().splitlines()]


def test_what_becomes_of_runs(tmp_path):
    sides = []
    sweep = sweep_of(
        tmp_path,
        *("ok", "fails", "second", "diverges", "elsewhere", "torn"),
        retries=2,
        on_look=lambda sweep: sides.append(status_counts(sweep.progress.values()).get("running")),
    )
    sweep.run()
    runs = by_name(sweep)
    became = {fate: (run.status, run.attempts, run.exit_code) for fate, run in runs.items()}
    assert became == {
        "ok": ("done", 1, 0),
        "fails": ("failed", 3, 1),
        "second": ("done", 2, 0),
        "diverges": ("diverged", 1, 3),
        "elsewhere": ("done", 1, 0),  # waiting for another process is no attempt
        "torn": ("done", 3, 0),
    }
    assert not sweep.complete
    assert max(side or 0 for side in sides) == 2
    # Those that failed were gone on with, the torn one at last from the snapshot before.
    assert [words[0] for words in calls(sweep, "fails")] == ["mtsac", "resume", "resume"]
    assert [words[0] for words in calls(sweep, "torn")] == ["mtsac", "resume", "resume"]
    assert calls(sweep, "torn")[-1][-1] == "--snapshot=epoch_000000"
    text = summary_text(sweep)
    assert text.splitlines()[0] == "4 done, 1 failed, 1 diverged"
    assert "failed: mtsac JacoReachMT5-v1 fails_1 (exit code 1, attempts 3)" in text
    assert "  | no such luck" in text
    assert f"  log: {tmp_path}/sweep/logs/mtsac-JacoReachMT5-v1-fails_1.log" in text
    assert "its newest snapshot is damaged" in text

    # The next sweep tries what failed, and not what diverged.
    sweep = sweep_of(tmp_path, "ok", "fails", "second", "diverges", "elsewhere", "torn", retries=0)
    sweep.run()
    runs = by_name(sweep)
    assert (runs["fails"].status, runs["fails"].attempts) == ("failed", 1)
    assert runs["diverges"].status == "diverged"
    assert len(calls(sweep, "diverges")) == 1
    assert len(calls(sweep, "ok")) == 1


def test_a_signal_ends_all(tmp_path):
    begun = []

    def look(sweep):
        begun[:] = [each for each in sweep.progress if (each / "begun").exists()]
        if begun:
            os.kill(os.getpid(), signal.SIGTERM)

    handler = signal.getsignal(signal.SIGTERM)
    sweep = sweep_of(tmp_path, "endless", "ok", jobs=1, on_look=look)
    started = time.monotonic()
    sweep.run()
    assert time.monotonic() - started < 60
    assert sweep.stopped_by == signal.SIGTERM
    assert {fate: run.status for fate, run in by_name(sweep).items()} == {
        "endless": "stopped",
        "ok": "stopped",
    }
    assert signal.getsignal(signal.SIGTERM) == handler


def test_a_run_that_another_process_trains_is_waited_for(tmp_path):
    sweep = sweep_of(tmp_path, "ok")
    (folder,) = sweep.progress
    waited = []

    def look(sweep):
        (run,) = sweep.progress.values()
        waited.append((run.status, run.message))
        if len(waited) == 10:
            lock.__exit__(None, None, None)

    sweep = sweep_of(tmp_path, "ok", on_look=look)
    lock = held(folder)
    lock.__enter__()
    sweep.run()
    assert waited[0] == ("waiting", "another process is training it")
    (run,) = sweep.progress.values()
    assert (run.status, run.message, run.attempts) == ("done", "", 1)


def test_time_to_go_needs_a_rate(tmp_path):
    sweep = sweep_of(tmp_path, "ok", "second", jobs=2)
    assert eta_text(sweep) == "unknown"
    head = "Epoch,Time/Collect,Time/Update,Time/Evaluate,Time/Rest"
    for folder, seconds in zip(sweep.progress, (1, 2), strict=True):
        folder.mkdir(parents=True)
        rows = "\n".join(f"{epoch},{seconds},0,0,0" for epoch in range(10))
        (folder / "progress.csv").write_text(f"{head}\n{rows}\n")
    left = next(iter(sweep.runs.values())).config.n_epochs - 10
    # Side by side: as long as the longer one.
    assert eta_text(sweep) == duration(2 * left)


def test_runs_of_another_kind_are_of_unknown_length(tmp_path):
    sweep = sweep_of(tmp_path, "ok", jobs=1)
    (folder, run), (progress,) = *sweep.runs.items(), sweep.progress.values()
    other = tmp_path / "other"
    config = resolve("mtsac", "JacoReachMT5-v1", log_dir=str(other))
    sweep.runs[other] = dataclasses.replace(run, config=config)
    sweep.progress[other] = dataclasses.replace(progress, folder=str(other))
    folder.mkdir(parents=True)
    (folder / "progress.csv").write_text(
        "Epoch,Time/Collect,Time/Update,Time/Evaluate,Time/Rest\n0,1,0,0,0\n"
    )
    left = run.config.n_epochs - 1
    assert eta_text(sweep) == f"{duration(left)}, and 1 runs of unknown length"
