"""Heat maps of who acted: what is read, what is drawn of it, and what is refused."""

import csv

import numpy as np
import pytest

from learning.errors import RecordError
from learning.plotting.behaviour import draw_behaviour, plot_behaviour
from learning.plotting.runs import read_run
from learning.plotting.shares import Shares, read_shares, windows
from tests.plotting.make_runs import make_run

TASKS = ("a", "b", "c")


def make_mixture_run(folder, *, tasks=TASKS, shift=0.0, n_epochs=20, **options):
    """In epoch e of n, task i's own policy acts in a share of e / n + shift, the next one else."""
    make_run(folder, method="qmp_dnc", tasks=tasks, mixture=True, n_epochs=n_epochs, **options)
    path = folder / "progress.csv"
    with path.open() as file:
        columns, *rows = csv.reader(file)
    n_tasks = len(tasks)
    columns += [f"Behaviour/{i}_{j}" for i in range(n_tasks) for j in range(n_tasks)]
    for epoch, row in enumerate(rows):
        own = epoch / n_epochs + shift
        shares = own * np.eye(n_tasks) + (1 - own) * np.roll(np.eye(n_tasks), 1, axis=1)
        row += [str(share) for share in shares.flat]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return folder


def heat_maps(figure):
    return [(panel, image) for panel in figure.axes for image in panel.images]


def test_the_matrix_is_read_task_by_policy(tmp_path):
    shares = read_shares(read_run(make_mixture_run(tmp_path / "q")))
    assert shares.matrices.shape == (20, 3, 3)
    np.testing.assert_array_equal(shares.steps, 1000.0 * np.arange(1, 21))
    expected = [[0.25, 0.75, 0.0], [0.0, 0.25, 0.75], [0.75, 0.0, 0.25]]
    np.testing.assert_allclose(shares.matrices[5], expected)


def test_windows_by_hand():
    def seed(values):
        matrices = np.reshape(values, (-1, 1, 1)).astype(float)
        return Shares(steps=np.arange(1.0, len(values) + 1), matrices=matrices)

    # Steps 1 to 5, windows a quarter of that wide: around 1.5, 3 and 4.5, 0.5 to both sides.
    centres, means = windows([seed([1, 3, 10, 20, 40])], 3, 0.25)
    np.testing.assert_allclose(centres, [1.5, 3, 4.5])
    np.testing.assert_allclose(means[:, 0, 0], [2, 10, 30])
    # The longer seed's last rows are beyond what both have; each seed weighs the same.
    centres, means = windows([seed([1, 3, 10, 20, 40]), seed([5, 5, 4, 0, 0, 99, 99])], 3, 0.25)
    np.testing.assert_allclose(means[:, 0, 0], [3.5, 7, 15])
    centres, means = windows([seed([7])], 5, 0.1)
    assert (centres.tolist(), means.tolist()) == ([1.0], [[[7.0]]])


def test_own_policy_is_zeroed_out_and_written(tmp_path):
    figure = draw_behaviour([read_run(make_mixture_run(tmp_path / "q", shift=0.015))])
    maps = heat_maps(figure)
    assert len(maps) == 5
    # Rows 1000 to 20000, a tenth is 1900 steps: the first panel is epochs 0 and 1, the last 18, 19.
    for (panel, image), own in ((maps[0], 0.04), (maps[-1], 0.94)):
        array = np.asarray(image.get_array())
        np.testing.assert_allclose(array, (1 - own) * np.roll(np.eye(3), 1, axis=1))
        assert [text.get_text() for text in panel.texts] == [f"{100 * own:.0f}"] * 3
        assert f"own policy {own:.0%}" in panel.get_title()
        assert [label.get_text() for label in panel.get_xticklabels()] == list(TASKS)
    assert [label.get_text() for label in maps[0][0].get_yticklabels()] == list(TASKS)
    for _, image in maps:
        assert image.get_clim() == (0.0, pytest.approx(0.96)), "one scale for all panels"


def test_lines_are_the_share_of_others_and_chance(tmp_path):
    figure = draw_behaviour([read_run(make_mixture_run(tmp_path / "q"))])
    (panel,) = [panel for panel in figure.axes if "another" in panel.get_ylabel()]
    lines = {line.get_label(): np.asarray(line.get_ydata()) for line in panel.lines}
    assert list(lines) == [*TASKS, "mean", "uniform choice"]
    np.testing.assert_allclose(lines["b"][[0, -1]], [1.0, 0.05])
    assert lines["uniform choice"][0] == pytest.approx(2 / 3)


def test_many_tasks_are_named_by_index(tmp_path):
    tasks = [f"task-{i}" for i in range(50)]
    run = read_run(make_mixture_run(tmp_path / "q", tasks=tasks, n_epochs=3))
    figure = draw_behaviour([run])
    maps = heat_maps(figure)
    assert len(maps) == 3, "no more panels than rows"
    figure.draw_without_rendering()
    for panel, _ in maps:
        ticks = [label.get_text() for label in panel.get_xticklabels()]
        assert len(ticks) <= 8
        assert "task-0" not in ticks
        assert not panel.texts
    listed = "\n".join(text.get_text() for part in figure.subfigs for text in part.texts)
    assert all(f"{i} task-{i}" in listed.splitlines() for i in range(50))


def test_the_mean_over_seeds(tmp_path):
    folders = [
        make_mixture_run(tmp_path / str(seed), seed=seed, shift=shift)
        for seed, shift in ((1, 0.0), (2, 0.05))
    ]
    figure = draw_behaviour([read_run(folder) for folder in folders])
    array = np.asarray(heat_maps(figure)[0][1].get_array())
    np.testing.assert_allclose(array[0, 1], 0.95)
    assert "mean over seeds 1, 2" in figure.subfigs[0].get_suptitle()


def test_writes_png_and_svg(tmp_path):
    folder = make_mixture_run(tmp_path / "q")
    png, svg = plot_behaviour([folder, folder])
    assert (png, svg) == (folder / "behaviour.png", folder / "behaviour.svg")
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "<svg" in svg.read_text()
    assert plot_behaviour([folder], out=tmp_path / "new" / "who.v1")[0].name == "who.v1.png"


def test_what_is_refused(tmp_path):
    mixture = make_mixture_run(tmp_path / "q")
    with pytest.raises(RecordError, match=r"run of dnc_sac, which has no mixture.*Behaviour/0_0"):
        plot_behaviour([make_run(tmp_path / "own")])
    with pytest.raises(RecordError, match=r"differ in tasks: a, b, c \| a, b; choose runs"):
        plot_behaviour([mixture, make_mixture_run(tmp_path / "two", tasks=("a", "b"))], force=True)
    other = make_mixture_run(tmp_path / "other", name="held")
    with pytest.raises(RecordError, match=r"differ in name: run \| held; --force"):
        plot_behaviour([mixture, other])
    assert plot_behaviour([mixture, other], force=True)[0].is_file()
    protocol = make_mixture_run(tmp_path / "protocol", seed=2, protocol={"horizon": 150})
    with pytest.raises(RecordError, match=r"horizon: 200 \| 150"):
        plot_behaviour([mixture, protocol])
    with pytest.raises(RecordError, match="not the folder of a run"):
        plot_behaviour([tmp_path])
