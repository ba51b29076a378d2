"""The run's folder: never overwritten, and its record complete and readable."""

import json
import pathlib
import subprocess
import sys

import pytest

from environments.plugin_files import PluginFile
from learning.config.resolving import resolve
from learning.errors import ConfigError, RecordError
from learning.experiment.reading import read_config
from learning.logging.files import write_text
from learning.logging.record import protocol_card, read_protocol, write_record, write_versions
from learning.logging.run_description import read_description
from learning.logging.run_folder import check_run_folder
from learning.logging.versions import git_revision

ROOT = pathlib.Path(__file__).parents[2]


def test_an_existing_run_is_never_overwritten(tmp_path):
    folder = tmp_path / "runs" / "a"
    check_run_folder(folder)
    assert not folder.exists()
    folder.mkdir(parents=True)
    check_run_folder(folder)  # still empty
    (folder / "config.json").write_text("{}")
    with pytest.raises(RecordError) as error:
        check_run_folder(folder)
    assert f"python run.py resume {folder}" in str(error.value)
    assert "--name" in str(error.value)
    with pytest.raises(ConfigError, match="is no folder"):
        check_run_folder(folder / "config.json")


def test_the_record_can_be_read_back(tmp_path):
    config = resolve("qmp_dnc", "JacoReachMT5-v1", num_evaluation_episodes=20)
    run_dir = tmp_path / "runs" / "a"  # not there yet
    card = protocol_card(
        {"env": config.env, "n_tasks": 5, "horizon": 200},
        num_evaluation_episodes=config.num_evaluation_episodes,
    )
    write_record(run_dir, config=config.to_json(), protocol=card)
    write_versions(run_dir, gpu=config.gpu)
    assert read_config(run_dir, command="eval") == config
    assert read_protocol(run_dir) == {
        "env": "JacoReachMT5-v1",
        "n_tasks": 5,
        "horizon": 200,
        "evaluation_episodes_per_task": 4,
        "evaluation_actions": "deterministic: the acting policy's mean action",
        "env_step_unit": "total over tasks",
    }
    versions = json.loads((run_dir / "versions.json").read_text())
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
        "plugins",
    }
    assert versions["packages"]["garage"] == "2021.3.0"
    assert versions["gpu"] is None
    assert versions["plugins"] == []
    write_versions(run_dir, gpu=None, plugins=[PluginFile("mine.py", "0f")], resumed_after=4)
    assert {path.name for path in run_dir.iterdir()} == {
        "config.json",
        "protocol.json",
        "versions.json",
        "versions_after_epoch_4.json",
    }
    later = json.loads((run_dir / "versions_after_epoch_4.json").read_text())
    assert later["plugins"] == [{"name": "mine.py", "sha256": "0f"}]


def test_which_run_it_is_can_be_read_without_torch(tmp_path):
    config = resolve("qmp_sac", "JacoReachMT5-v1", objective="pcgrad", seed=3, name="held")
    write_record(tmp_path, config=config.to_json(), protocol={"n_tasks": 5})
    description = read_description(tmp_path)
    assert (description.method, description.env) == ("qmp_sac", "JacoReachMT5-v1")
    assert (description.name, description.seed) == ("held", 3)
    assert description.values == json.loads(config.to_json())
    assert description.plugins == ()
    code = (
        "import pathlib, sys\n"
        "from learning.logging.run_description import read_description\n"
        f"print(read_description(pathlib.Path({str(tmp_path)!r})).seed)\n"
        "assert not {'torch', 'garage'} & sys.modules.keys()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout == "3\n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"config_version": 1},
            "config_version 1 and this program reads version 2 and 3 and 4 and 5",
        ),
        ({"seed": "3"}, "seed = '3' is not what a run has there"),
        ({"plugins": [{"name": "mine.py"}]}, "names with sha256 wanted"),
    ],
)
def test_a_config_that_is_not_what_a_run_has(tmp_path, changes, message):
    config = json.loads(resolve("dnc_sac", "JacoReachMT5-v1").to_json())
    (tmp_path / "config.json").write_text(json.dumps(config | changes))
    with pytest.raises(ConfigError, match=message):
        read_description(tmp_path)
    with pytest.raises(ConfigError, match=message):
        read_config(tmp_path, command="eval")


@pytest.mark.parametrize(
    ("text", "message"), [("{", "is no JSON text"), ("[]", "no JSON object with a config_version")]
)
def test_a_config_that_is_damaged(tmp_path, text, message):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_config(tmp_path, command="resume")


def test_a_card_of_before_says_which_goals_evaluation_had(tmp_path):
    def read(**card):
        (tmp_path / "protocol.json").write_text(json.dumps(card))
        return read_protocol(tmp_path)

    for env in ("MetaWorldMT50-v2", "MetaWorldCDS-v1"):
        assert read(env=env) == {"env": env, "evaluation_goals": "train_at_random"}
        card = {"env": env, "evaluation_goals": "held_out"}
        assert read(**card) == card
    for env in ("JacoReachMT5-v1", "of-a-plugin-v0"):
        assert read(env=env) == {"env": env}


def test_errors_of_a_folder_that_is_no_run(tmp_path):
    with pytest.raises(RecordError, match=r"not the folder of a run: it has no config\.json"):
        read_config(tmp_path, command="eval")
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
