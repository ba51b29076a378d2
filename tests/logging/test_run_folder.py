"""The run's folder: never overwritten, and its record complete and readable."""

import json
import subprocess

import pytest

from learning.config.resolving import resolve
from learning.errors import RecordError
from learning.logging.files import write_text
from learning.logging.run_folder import (
    create_run_folder,
    read_config,
    read_protocol,
    write_record,
    write_versions,
)
from learning.logging.versions import git_revision


def test_an_existing_run_is_never_overwritten(tmp_path):
    folder = tmp_path / "runs" / "a"
    assert create_run_folder(folder) == folder
    assert create_run_folder(folder) == folder  # still empty
    (folder / "config.json").write_text("{}")
    with pytest.raises(RecordError) as error:
        create_run_folder(folder)
    assert f"python run.py resume {folder}" in str(error.value)
    assert "--name" in str(error.value)
    with pytest.raises(RecordError, match="is no folder"):
        create_run_folder(folder / "config.json")


def test_the_record_can_be_read_back(tmp_path):
    config = resolve("qmp_dnc", "JacoReachMT5-v1", num_evaluation_episodes=20)
    write_record(tmp_path, config, {"env": config.env, "n_tasks": 5, "horizon": 200})
    assert read_config(tmp_path) == config
    assert read_protocol(tmp_path) == {
        "env": "JacoReachMT5-v1",
        "n_tasks": 5,
        "horizon": 200,
        "evaluation_episodes_per_task": 4,
        "evaluation_actions": "deterministic: the acting policy's mean action",
        "env_step_unit": "total over tasks",
    }
    versions = json.loads((tmp_path / "versions.json").read_text())
    assert set(versions) == {
        "command",
        "python",
        "platform",
        "cpu",
        "gpu",
        "cuda",
        "torch_threads",
        "packages",
        "git",
    }
    assert versions["packages"]["garage"] == "2021.3.0"
    assert versions["gpu"] is None
    write_versions(tmp_path, config, resumed_after=4)
    assert {path.name for path in tmp_path.iterdir()} == {
        "config.json",
        "protocol.json",
        "versions.json",
        "versions_after_epoch_4.json",
    }


def test_errors_of_a_folder_that_is_no_run(tmp_path):
    with pytest.raises(RecordError, match=r"not the folder of a run: it has no config\.json"):
        read_config(tmp_path)
    (tmp_path / "protocol.json").write_text("{")
    with pytest.raises(RecordError, match="damaged"):
        read_protocol(tmp_path)
    (tmp_path / "protocol.json").write_text("[]")
    with pytest.raises(RecordError, match="damaged: it holds no JSON object"):
        read_protocol(tmp_path)


def test_writing_leaves_the_old_file_when_it_fails(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_text(path, "new")
    assert path.read_text() == "old"


def git(folder, *arguments):
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_git_revision_and_whether_tracked_files_differ(tmp_path, monkeypatch):
    git(tmp_path, "init", "-q")
    assert git_revision(tmp_path) is None
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "-qm", "first")
    revision = git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "untracked").write_text("")
    assert git_revision(tmp_path) == {"revision": revision, "dirty": False}
    (tmp_path / "a").write_text("2")
    assert git_revision(tmp_path) == {"revision": revision, "dirty": True}
    (tmp_path / "inner").mkdir()
    assert git_revision(tmp_path / "inner") is None
    monkeypatch.setenv("PATH", "")
    assert git_revision(tmp_path) is None
