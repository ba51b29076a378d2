"""No personal path is in a text."""

import pathlib

import pytest

from learning.report.places import Places


@pytest.fixture
def places():
    return Places([pathlib.Path("/srv/alice/runs/qmp/run_1"), pathlib.Path("/srv/alice/runs/b")])


def test_runs_are_called_by_their_path_below_what_they_have_in_common(places):
    assert places.name(pathlib.Path("/srv/alice/runs/qmp/run_1")) == "qmp/run_1"
    assert (
        Places([pathlib.Path("/srv/alice/runs/b")]).name(pathlib.Path("/srv/alice/runs/b")) == "b"
    )


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("/srv/alice/runs/qmp/run_1 has not ended: 5", "qmp/run_1 has not ended: 5"),
        ("/srv/alice/runs/qmp/run_12 is", "…/qmp/run_12 is"),
        ("in /srv/alice/runs/other, line 3", "in …/other, line 3"),
        ("/home/bob/x/y.py", "…/y.py"),
        ("/home/bob", "…"),
        ("~/x/y/z ../../a/b/c ../bob", "…/z …/c …"),
        ("fixed: environments/jaco_reach/tasks.py; a / b; 1/2", None),
        ("https://example.org/a/b/c </script> steps/s", None),
    ],
)
def test_of_a_path_the_last_part_is_left(places, text, cleaned):
    assert places.clean(text) == (text if cleaned is None else cleaned)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "/home/bob/mt/run.py --plugin=/home/bob/p/mine.py qmp_dnc --log_dir=/srv/alice/runs/b",
            "python run.py --plugin=…/mine.py qmp_dnc --log_dir=b",
        ),
        ("run.py sac '--name=a b' --log_dir '/home/bob/my runs/x'", None),
        ("/opt/python/bin/thing -c 'it /home/bob/a/b'", "…/thing -c 'it …/b'"),
        ("an 'open quote /home/bob/a/b", "an 'open quote …/b"),
    ],
)
def test_commands_are_those_one_gives_in_the_project(places, line, shown):
    assert places.command(line) == (shown or "python run.py sac '--name=a b' --log_dir …/x")
