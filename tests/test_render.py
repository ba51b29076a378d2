"""`run.py render`: files can be read back, pictures differ, errors say what to do."""

import os
import pathlib
import subprocess
import sys

import click.testing
import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

import run as command_line
from environments import gl_backends, make_task_set
from environments.rendering import TaskRenderer
from learning.rendering import contact_sheet, video
from learning.rendering.actors import SmoothRandomActor
from learning.rendering.episodes import Still, draw, play

PROJECT = pathlib.Path(__file__).parents[1]
JACO = "JacoReachMT5-v1"
SMALL = (
    "--n_epochs=1 --steps_per_epoch=1 --batch_size=150 --gradient_steps_per_itr=5 "
    "--min_buffer_size=60 --buffer_batch_size=8 --hidden_sizes 8 8 --evaluation_frequency=1 "
    "--num_evaluation_episodes=5 --torch_threads=1 --replay_buffer_size=250"
).split()


def run(*args, **variables):
    command = [sys.executable, str(PROJECT / "run.py"), *map(str, args)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"} | variables
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, timeout=300
    )


def call(*args):
    return click.testing.CliRunner().invoke(command_line.main, list(map(str, args)))


def succeed(*args):
    """The files that the command says it has written."""
    done = call(*args)
    assert done.exit_code == 0, done.output
    return [pathlib.Path(line) for line in done.stdout.splitlines()]


def read_video(path, height, width):
    """Frames [F, height, width, 3], and what ffmpeg says of the file."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", path, "-f", "rawvideo"]
    done = subprocess.run([*command, "-pix_fmt", "rgb24", "-"], capture_output=True, check=True)
    frames = np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3)
    return frames, done.stderr.decode()


def sheet_pictures(path, n_tasks):
    """The sheet's pictures [T, columns, height, width, 3], its captions cut off."""
    layout = contact_sheet.layout_for(n_tasks)
    sheet = np.asarray(Image.open(path).convert("RGB"))
    rows = []
    for task in range(n_tasks):
        top = contact_sheet.HEAD + task * (layout.height + contact_sheet.GAP)
        lefts = [
            layout.names + column * (layout.width + contact_sheet.GAP)
            for column in range(layout.columns)
        ]
        rows.append(
            [sheet[top + 30 : top + layout.height, left : left + layout.width] for left in lefts]
        )
    bottom = contact_sheet.HEAD + n_tasks * (layout.height + contact_sheet.GAP)
    assert sheet.shape[0] == bottom
    return np.array(rows)


@pytest.fixture(scope="module")
def jaco(tmp_path_factory):
    out = tmp_path_factory.mktemp("pictures") / "jaco.mp4"
    return succeed("render", f"--env={JACO}", "--steps=12", f"--out={out}")


def test_the_video_can_be_read_back(jaco):
    layout = video.layout_for(5)
    height, width = 2 * layout.height, 3 * layout.width
    frames, about = read_video(jaco[0], height, width)
    # Jaco's step is .04 s: every step is a frame, beside the one before the first step.
    assert len(frames) == 13
    assert "Video: h264" in about
    assert f", {width}x{height}" in about
    assert ", 25 fps," in about
    # Five tiles of six are filled; H.264 leaves a little noise on the sixth.
    tiles = frames.reshape(13, 2, layout.height, 3, layout.width, 3).swapaxes(2, 3)
    assert (tiles.std(axis=(0, 3, 4, 5)) > 10).tolist() == [[True] * 3, [True, True, False]]


def test_the_sheet_has_a_row_a_task_and_its_pictures_differ(jaco):
    assert jaco[1] == jaco[0].with_suffix(".png")
    pictures = sheet_pictures(jaco[1], 5).astype(int)
    for task in range(5):
        for column in range(1, 6):
            assert np.abs(pictures[task, column] - pictures[task, column - 1]).max() > 30
    for task in range(1, 5):
        assert np.abs(pictures[task, 0] - pictures[task - 1, 0]).max() > 50


def test_one_task_as_gif(tmp_path):
    out = tmp_path / "a" / "stay.gif"
    files = succeed("render", f"--env={JACO}", "--task=stay", "--steps=8", f"--out={out}")
    assert files == [out, out.with_suffix(".png")]
    with Image.open(out) as gif:
        # Two steps a frame: at most 12.5 a second.
        assert (gif.n_frames, gif.size, gif.info["duration"]) == (5, (640, 480), 80)
    assert sheet_pictures(files[1], 1).shape[:2] == (1, 6)


def test_the_sheet_alone(tmp_path):
    out = tmp_path / "sheet.png"
    command = ("render", f"--env={JACO}", "--task=stay", "--sheet_only", "--steps=5")
    assert succeed(*command, f"--out={out}") == [out]
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.png"]
    again = tmp_path / "again.png"
    succeed(*command, f"--out={again}")
    assert out.read_bytes() == again.read_bytes()
    other = tmp_path / "other.png"
    succeed(*command, f"--out={other}", "--seed=1")
    assert out.read_bytes() != other.read_bytes()


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    run_dir = tmp_path_factory.mktemp("runs") / "run"
    done = run("qmp_dnc", f"--env={JACO}", f"--log_dir={run_dir}", *SMALL)
    assert done.returncode == 0, done.stderr
    return run_dir


def test_a_snapshot_acts(trained, tmp_path):
    video_of_run, sheet = succeed("render", f"--policy={trained}", "--task=stay", "--steps=6")
    assert video_of_run == trained / "pictures" / "episode-stay.mp4"
    shown = {"own": sheet_pictures(sheet, 1)}
    command = ("render", f"--env={JACO}", "--task=stay", "--steps=6", "--sheet_only")
    for name, options in {
        "again": [f"--policy={trained}"],
        "mixture": [f"--policy={trained}", "--mixture"],
        "random": [],
    }.items():
        (path,) = succeed(*command, f"--out={tmp_path / name}.png", *options)
        shown[name] = sheet_pictures(path, 1)
    first, last = 0, -1
    # A sheet alone is drawn at another size than a video; only then is it made smaller.
    assert np.abs(shown["again"].astype(int) - shown["own"]).mean() < 3
    for other in ("mixture", "random"):
        assert not np.array_equal(shown["again"][0, last], shown[other][0, last])
    # The run's seed decides where its episodes begin, the random actions' seed where theirs do.
    beginnings = [shown[name][0, first].astype(int) for name in ("again", "mixture")]
    assert np.abs(beginnings[0] - beginnings[1]).mean() < 1


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--task=stay"], 2, "give --env=ID or --policy=DIR"),
        ([f"--env={JACO}", "--mixture"], 2, "belong to --policy"),
        ([f"--env={JACO}", "--out=a.avi"], 2, "must end in .mp4 or .gif"),
        ([f"--env={JACO}", "--sheet_only", "--out=a.mp4"], 2, "must end in .png"),
        ([f"--env={JACO}", "--task=walk"], 2, "no task 'walk': allowed is one of reach-0-1-2"),
        (["--env=MetaWorldMT10-v2", "--reward_version=v3"], 2, "v2, v1"),
        (["--env=Jaco"], 2, JACO),
    ],
)
def test_errors_name_what_is_allowed(args, code, message):
    done = call("render", *args)
    assert done.exit_code == code
    assert message in done.output


def test_another_task_set_than_the_runs_is_refused(trained):
    done = call("render", f"--policy={trained}", "--env=MetaWorldMT10-v2")
    assert done.exit_code == 2
    assert f"has env = {JACO}; leave --env out" in done.output


@pytest.fixture
def no_gl(tmp_path):
    """Variables under which both EGL and OSMesa fail, as where no GL library is installed."""
    package = tmp_path / "OpenGL"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('no GL library here')")
    return {"PYTHONPATH": str(tmp_path)}


def test_without_any_backend_the_error_names_the_debian_packages(no_gl, tmp_path):
    out = tmp_path / "out.mp4"
    done = run("render", f"--env={JACO}", f"--out={out}", **no_gl)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: nothing to draw pictures with")
    assert "apt-get install libosmesa6 (or libegl1 libgl1)" in done.stderr
    assert done.stderr.count("ImportError: no GL library here") == 2
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_a_backend_that_takes_its_process_down_is_passed_over(monkeypatch):
    monkeypatch.setattr(gl_backends, "_PROBE", "import os, signal\nos.kill(os.getpid(), 11)")
    gl_backends.backend_failures.cache_clear()
    try:
        assert gl_backends.backend_failures() == {"egl": "exit code -11", "osmesa": "exit code -11"}
        with pytest.raises(gl_backends.NoBackendError, match="libosmesa6"):
            gl_backends.working_backend()
    finally:
        gl_backends.backend_failures.cache_clear()


def test_an_ended_episode_stands_still_and_success_is_framed():
    layout = video.layout_for(2)
    black = np.zeros((layout.height, layout.width, 3), np.uint8)
    stills = [
        Still(step=0, picture=black, episode_return=0.0, success=False),
        Still(step=1, picture=black + 9, episode_return=1.0, success=True),
    ]
    mosaic = video.Mosaic(9, layout)
    mosaic.put(0, "ended", stills)
    mosaic.put(1, "longer", [stills[0]] * 4)
    frames = mosaic.frames()
    assert frames.shape == (4, layout.height, 2 * layout.width, 3)
    assert frames[:, layout.height // 2, layout.width // 2, 0].tolist() == [0, 9, 9, 9]
    assert frames[:, -1, layout.width - 1].tolist() == [[0, 0, 0], *[[0, 150, 60]] * 3]
    assert frames[:, -1, -1].tolist() == [[0, 0, 0]] * 4
    mosaic.close()


def test_drawing_changes_nothing_in_the_simulation():
    env = make_task_set(JACO).make(0)
    actor = SmoothRandomActor(6, ("a",), seed=3)
    actor.begin(0)
    episode = play(env, actor, run_seed=1, seed=2, max_steps=7)
    assert episode.length == 7
    assert episode.step_seconds == pytest.approx(0.04)
    states = env.get_state()
    stills = list(draw(env, episode, steps=range(8), width=64, height=48))
    assert [still.step for still in stills] == list(range(8))
    assert stills[-1].episode_return == states["statistics"][0]
    for key, value in env.get_state().items():
        np.testing.assert_array_equal(value, states[key])
    env.close()


def test_goals_are_drawn():
    env = make_task_set(JACO).make(0)
    env.reset(seed=0)
    raw = env.unwrapped
    with TaskRenderer(env, width=320, height=240) as renderer:
        with_goals = renderer.frame().astype(int)
        raw.goal_markers = lambda: ()
        without = renderer.frame().astype(int)
    env.close()
    assert (np.abs(with_goals - without).max(axis=2) > 20).sum() > 100
