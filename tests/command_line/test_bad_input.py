"""Every bad input is told in a sentence, with exit code 2, and leaves nothing behind."""

import os
import pathlib
import re

import click.testing
import numpy as np
import pytest

import run

RUN = ("qmp_dnc", "--env=JacoReachMT5-v1")
BAD = {
    "--min_buffer_size=99999999999999999999": "min_buffer_size",
    "--replay_buffer_size=99999999999999999999999": "of at most 9.22e\\+18",
    "--replay_buffer_size=" + "9" * 5000: "allowed is an integer",
    "--seed=9223372036854775808": "of at most 9.22e\\+18",
    "--n_epochs=1e20": "allowed is an integer",
    "--n_epochs=9000000000000000000": "lower --n_epochs",
    "--lr=1e300": "of at most 3.4e\\+38",
    "--reward_scale=nan": "allowed is a number",
    "--torch_threads=100000": "from 1 to 1024",
    "--n_workers=6": "at most the number of tasks, 5",
    "--hidden_sizes=100000,100000": "lower --hidden_sizes",
    "--hidden_sizes=9000000000000000000": "hidden_sizes",
    "--buffer_batch_size=1000000000": "lower --buffer_batch_size",
    "--num_evaluation_episodes=5000000000": "lower --num_evaluation_episodes",
    "--gpu=300": "gpu = 300: this torch sees",
    "--name=a\nb": "printable",
    "--name=" + "a" * 201: "at most 200 bytes",
    "--log_dir=/proc/run": "kernel's own",
    "--log_dir=/dev/run": "kernel's own",
    "--log_dir=~nobody_of_this_name/x": "home of a user who is not there",
    "--log_dir=" + "a" * 256: "more than 255 bytes",
    "--log_dir=" + "/".join(["a" * 200] * 25): "is longer than",
    "--log_dir=a\nb": "printable",
}


def call(*words):
    return click.testing.CliRunner().invoke(run.main, list(words))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty current folder, to which nothing may be added by what is refused."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("more", [(), ("--dry_run",)], ids=["train", "dry_run"])
@pytest.mark.parametrize("word", BAD, ids=lambda word: word[:40])
def test_bad_words_are_refused(folder, word, more):
    result = call(*RUN, word, *more)
    assert result.exit_code == 2, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert re.search(BAD[word], result.output), result.output
    assert not list(folder.iterdir())


def test_folders_that_cannot_be(folder):
    (folder / "file").touch()
    (folder / "loop").symlink_to("loop")
    (folder / "nowhere").symlink_to("gone")
    for place, why in {
        "file/run": "is no folder",
        "loop": "cannot be a folder",
        "loop/run": "cannot be a folder",
        "nowhere": "cannot be a folder",
    }.items():
        for more in ((), ("--dry_run",)):
            result = call(*RUN, f"--log_dir={place}", *more)
            assert result.exit_code == 2
            assert why in result.output, result.output
    assert len(list(folder.iterdir())) == 3


def test_what_is_named_is_there(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    result = call(*RUN, "--log_dir=~/runs/a", "--dry_run")
    assert result.exit_code == 0, result.output
    assert f'"value": "{folder}/runs/a"' in result.stdout
    (folder / "taken").mkdir()
    (folder / "taken/config.json").touch()
    result = call(*RUN, "--log_dir=taken", "--dry_run")
    assert (result.exit_code, "holds a run already" in result.output) == (1, True)


def test_dry_run_says_what_it_needs():
    result = call(*RUN, "--dry_run")

    assert "needs at least: " in result.stderr
    assert "GiB of memory" in result.stderr


def _claims_too_much(path):
    with path.open("wb") as file:
        header = {"descr": "<f8", "fortran_order": False, "shape": (5 * 10**12,)}
        np.lib.format.write_array_header_1_0(file, header)


FILES = {
    "dates.npy": lambda path: np.save(path, np.array(["2020-01-01"], dtype="datetime64[D]")),
    "objects.npy": lambda path: np.save(path, np.array([{}], dtype=object), allow_pickle=True),
    "huge.npy": _claims_too_much,
    "no_array.npy": lambda path: path.write_bytes(b"PK\x03\x04 nothing"),
    "bytes.csv": lambda path: path.write_bytes(b"\xff\xfe1,2"),
    "words.csv": lambda path: path.write_text("one,two"),
    "folder.csv": lambda path: path.mkdir(),
    "pipe.csv": os.mkfifo,
}


@pytest.mark.parametrize("name", FILES)
def test_files_of_numbers(tmp_path_factory, name):
    path = pathlib.Path(tmp_path_factory.mktemp("files")) / name
    FILES[name](path)
    result = call("mtlevy", "--env=MetaWorldMT10-v2", f"--neighbor_embeddings={path}", "--dry_run")
    assert result.exit_code == 2, result.output
    assert "no table of finite numbers" in result.output


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"reach-v2": [1e999]}', '{"reach-v2": [' + "9" * 400 + "]}", "\x00"]
)
def test_files_of_named_numbers(tmp_path_factory, text):
    path = pathlib.Path(tmp_path_factory.mktemp("files")) / "table.json"
    path.write_text(text)
    result = call("care", "--env=MetaWorldMT10-v2", f"--care_embeddings={path}", "--dry_run")
    assert result.exit_code == 2, result.output
    assert "care_embeddings" in result.output
