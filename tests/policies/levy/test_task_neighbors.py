"""Which tasks are near: from files, from Meta-World's descriptions, and the published table."""

import pathlib

import numpy as np
import pytest

from environments import make_task_set
from environments.metaworld_descriptions import DESCRIPTIONS
from environments.metaworld_distances import FILE
from environments.metaworld_tasks import MT50
from learning.config.resolving import resolve
from learning.errors import ConfigError
from learning.policies.levy.levy_flights import jump_candidates
from learning.policies.levy.task_neighbors import near_tasks, nearest_first

MT10_ID, JACO = "MetaWorldMT10-v2", "JacoReachMT5-v1"
PUBLISHED = pathlib.Path(__file__).parents[3] / "results/neighbors_mt10/published_order.csv"


def near(env=MT10_ID, env_options=None, **given):
    config = resolve("mtlevy", env, env_options=env_options or {}, **given)
    options = config.member_options("behaviour")
    return near_tasks(options, make_task_set(env, **dict(config.env_options)))


def sets(matrix):
    return [set(np.flatnonzero(row)) for row in matrix]


def test_the_published_order_gives_the_published_candidates():
    order = np.loadtxt(PUBLISHED, delimiter=",")
    matrix = near(neighbor_order=tuple(order.ravel().tolist()))
    first_five = ["0 1 6 2 7", "1 2 0 6 7", "2 1 0 6 7", "3 5 4 6 8", "4 5 8 9 6"]
    first_five += ["5 4 9 8 6", "6 5 4 8 9", "7 4 0 5 6", "8 9 5 4 6", "9 8 5 4 6"]
    assert sets(matrix) == [set(map(int, row.split())) for row in first_five]
    # The fact sheet's example: task 0 fails, all others succeed.
    ratios = np.full(10, 0.5)
    ratios[0] = 0.0
    assert sets(jump_candidates(matrix, ratios, 0.1))[0] == {0, 1, 2, 6, 7}
    assert sets(jump_candidates(matrix, np.zeros(10), 0.1)) == [{task} for task in range(10)]
    assert sets(near(neighbor_order=tuple(order.ravel().tolist()), num_neighbors=2))[3] == {3, 5}


def test_the_distances_of_meta_world():
    names = FILE.read_text().splitlines()[0].split(",")
    assert set(names) == set(DESCRIPTIONS) == set(MT50)
    all_distances = make_task_set("MetaWorldMT50-v2").task_distances()
    assert all_distances.shape == (50, 50)
    np.testing.assert_array_equal(all_distances, all_distances.T)
    assert (all_distances.diagonal() == 0).all()
    others = all_distances[~np.eye(50, dtype=bool)]
    # Unit vectors: at most 2 apart; no two sentences are the same.
    assert 0 < others.min() < others.max() < 2
    # Another task set of the same tasks, in another order, reads the same numbers.
    custom = make_task_set("MetaWorldCustom-v2", tasks="push,reach,window-close")
    places = [MT50.index(name) for name in ("push", "reach", "window-close")]
    expected = all_distances[np.ix_(places, places)]
    np.testing.assert_array_equal(custom.task_distances(), expected)
    assert custom.task_distances()[0, 1] > 0


@pytest.mark.parametrize("env", [MT10_ID, "MetaWorldMT25-v2", "MetaWorldMT50-v2"])
def test_meta_worlds_neighbours_are_the_nearest_by_its_distances(env):
    distances = make_task_set(env).task_distances()
    for task, row in enumerate(sets(near(env))):
        by_distance = sorted(range(len(distances)), key=lambda j, t=task: distances[t, j])
        assert row == set(by_distance[:5])
        assert task in row


def test_windows_are_near_to_windows():
    names = make_task_set(MT10_ID).task_names
    pair = {names.index("window-open"), names.index("window-close")}
    assert all(pair <= sets(near(num_neighbors=2))[task] for task in pair)


def test_embeddings_from_a_file():
    # On a line at 0, 1, 3, 7, 7: the last two are in one place.
    matrix = near(JACO, neighbor_embeddings=(0, 1, 3, 7, 7), num_neighbors=2)
    assert sets(matrix) == [{0, 1}, {0, 1}, {1, 2}, {3, 4}, {3, 4}]
    plane = (0, 0, 3, 0, 0, 2, 9, 9, 9, 8)
    assert sets(near(JACO, neighbor_embeddings=plane, num_neighbors=2))[0] == {0, 2}


def test_a_task_is_its_own_nearest_even_among_equals():
    assert nearest_first(np.zeros((3, 3))).tolist() == [[0, 1, 2], [1, 0, 2], [2, 0, 1]]


def test_all_or_none():
    assert near(JACO).all()
    assert near(neighbors="all").all()
    assert near(num_neighbors=99).all()
    np.testing.assert_array_equal(near(levy_sharing="own"), np.eye(10, dtype=bool))
    np.testing.assert_array_equal(near(JACO, neighbors="task_set", levy_sharing="own"), np.eye(5))
    # A file wins over "all".
    assert not near(JACO, neighbor_embeddings=(0, 1, 2, 3, 4), num_neighbors=2).all()


IDENTITY_FIRST = [[task, *(j for j in range(5) if j != task)] for task in range(5)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"neighbors": "task_set"}, "give --neighbor_embeddings FILE .5 x d numbers"),
        ({"neighbor_order": tuple(range(5)) * 5}, r"row 1 is .* and 1 first"),
        ({"neighbor_order": (1, 2, 3, 4, 5) * 5}, r"row 0 is .*each of 0 to 4 once"),
        ({"neighbor_order": (0, 0, 1, 2, 3) * 5}, r"row 0 is .*each of 0 to 4 once"),
        ({"neighbor_order": (0.5, 0, 1, 2, 3) * 5}, r"row 0 is .*each of 0 to 4 once"),
        (
            {
                "neighbor_order": tuple(np.ravel(IDENTITY_FIRST).tolist()),
                "neighbor_embeddings": (1, 2, 3, 4, 5),
            },
            "give one",
        ),
    ],
)
def test_errors_say_what_to_give(given, message):
    with pytest.raises(ConfigError, match=message):
        near(JACO, **given)
