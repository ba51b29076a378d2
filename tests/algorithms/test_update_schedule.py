"""How many updates an iteration makes and of what; tasks that take turns at having one more."""

import numpy as np
import pytest
import torch

import environments
from learning.algorithms.sac_options import SACOptions
from learning.algorithms.update_schedule import UpdateSchedule
from learning.config.members import MEMBERS, shares_parameters
from learning.config.resolving import resolve
from learning.errors import ConfigError
from learning.replay.uds import UDS
from tests.small_learner import (
    N_TASKS,
    TASK_NAMES,
    make_critics,
    make_data_sharing,
    make_replay_buffer,
    make_sac,
)


def schedule(n_tasks, **options):
    return UpdateSchedule(
        SACOptions(**{"gradient_steps_per_itr": 1000, "buffer_batch_size": 32} | options), n_tasks
    )


def test_networks_of_their_own_share_the_gradient_steps():
    five = schedule(5, update_schedule="per_task")
    assert (five.n_updates, five.batch_size, five.n_transitions) == (200, 32, 160)
    assert five.n_with_one_more == 0
    assert str(five) == ("updates: 200 an iteration, each of 160 own transitions (32 a task)")


def test_the_reference_schedule_of_shared_networks():
    five = schedule(5, update_schedule="shared")
    assert (five.n_updates, five.batch_size, five.n_transitions) == (1000, 7, 32)
    assert five.n_with_one_more == 2
    assert str(five) == "updates: 1,000 an iteration, each of 32 own transitions (6 or 7 a task)"
    ten = schedule(10, update_schedule="shared", buffer_batch_size=2560)
    assert (ten.n_updates, ten.batch_size, ten.n_with_one_more) == (1000, 256, 0)
    assert str(ten) == "updates: 1,000 an iteration, each of 2,560 own transitions (256 a task)"


def test_in_as_many_updates_as_tasks_each_has_its_turn_as_often():
    turns = schedule(5, update_schedule="shared").turns()
    assert turns.tolist() == [
        [1, 1, 0, 0, 0],
        [0, 0, 1, 1, 0],
        [1, 0, 0, 0, 1],
        [0, 1, 1, 0, 0],
        [0, 0, 0, 1, 1],
    ]
    for n_tasks, size in ((3, 4), (4, 6), (6, 10), (50, 1280)):
        turns = schedule(n_tasks, update_schedule="shared", buffer_batch_size=size).turns()
        assert set(turns.sum(axis=1)) == set(turns.sum(axis=0)) == {size % n_tasks}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"update_schedule": "per_task", "gradient_steps_per_itr": 12},
            "gradient_steps_per_itr = 12: .* allowed is a multiple of 5, such as 10 or 15",
        ),
        ({"update_schedule": "per_task", "gradient_steps_per_itr": 3}, "multiple of 5, such as 5"),
        (
            {"update_schedule": "shared", "buffer_batch_size": 4},
            "buffer_batch_size = 4: .* a total over 5 tasks, .* allowed is 5 or more",
        ),
        (
            {"update_schedule": "shared", "buffer_batch_size": 32, "actor_steps": 7},
            "for each of actor_steps = 7; allowed is 35 or more",
        ),
    ],
)
def test_what_tasks_cannot_share_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        schedule(5, **options)


def test_the_command_line_hears_of_it():
    with pytest.raises(ConfigError, match="buffer_batch_size = 4"):
        resolve("mtsac", "JacoReachMT5-v1", buffer_batch_size=4)
    with pytest.raises(ConfigError, match="gradient_steps_per_itr = 12"):
        resolve("dnc_sac", "JacoReachMT5-v1", gradient_steps_per_itr=12)
    assert resolve("mtsac", "JacoReachMT5-v1", gradient_steps_per_itr=12).lr == 1e-3


@pytest.mark.parametrize("sharing", ["own", "uds"])
@pytest.mark.parametrize("actor_steps", [1, 2])
def test_who_has_no_turn_does_without_the_last_of_its_own(sharing, actor_steps):
    """8 over 3 tasks: 3, 3, 2. What is left out may be anything: no loss sees it."""
    data = (
        make_data_sharing() if sharing == "own" else make_data_sharing(UDS, relabel="true_reward")
    )
    options = {"update_schedule": "shared", "buffer_batch_size": 8, "actor_steps": actor_steps}
    updates = []
    for spoilt in (0.0, 1e9):
        sac = make_sac(critics=make_critics(), data_sharing=data, **options)
        if sharing == "uds":
            sac.replay_buffer = make_replay_buffer(stores_all_rewards=True)
        row = sac.replay_buffer.rows_since(np.zeros(N_TASKS, np.int64)).rows.shape[1]
        fill = np.random.default_rng(0).normal(size=(N_TASKS, 20, row)).astype(np.float32)
        for task in range(N_TASKS):
            sac.replay_buffer.add_rows(task, fill[task])
        draw, seen = sac._data_sharing.draw, []

        def spoil(*args, draw=draw, sac=sac, spoilt=spoilt, seen=seen):
            batch = draw(*args)
            turns = schedule(N_TASKS, **options).turns()[sac.n_updates % N_TASKS]
            out = torch.from_numpy(turns) == 0
            assert out.sum() == 1
            batch.rewards[out, 2] += spoilt
            seen.append(out.tolist())
            return batch

        sac._data_sharing.draw = spoil
        updates.append([torch.stack(sac.train_once()).clone() for _ in range(2 * N_TASKS)])
        sac._data_sharing.draw = draw
        # Each task is left out as often as any other.
        assert np.sum(seen, axis=0).tolist() == [2] * N_TASKS
    for plain, spoilt in zip(*updates, strict=True):
        assert torch.equal(plain, spoilt)
        assert plain.shape == (3, len(TASK_NAMES))


@pytest.mark.parametrize(
    ("method", "env", "expected"),
    [
        # (updates an iteration, transitions each, of a task before the first update)
        ("mtsac", "JacoReachMT5-v1", (1000, 32, 2000)),
        ("qmp_sac", "JacoReachMT5-v1", (1000, 32, 2000)),
        ("sac", "JacoReachMT5-v1", (1000, 32, 2000)),
        ("dnc_sac", "JacoReachMT5-v1", (200, 160, 10_000)),
        ("decaf", "JacoReachMT5-v1", (200, 160, 10_000)),
        ("mcal", "JacoReachMT5-v1", (200, 160, 10_000)),
        ("mtsac", "MetaWorldMT10-v2", (500, 2560, 500)),
        ("qmp_dnc", "MetaWorldMT10-v2", (50, 2560, 5000)),
        ("mtsac", "MetaWorldMT50-v2", (2500, 1280, 30)),
        ("mtsac", "MazeLarge-10-v0", (1000, 256, 300)),
        ("mtsac", "Walker2dMT4-v0", (6000, 32, 2500)),
        ("mtsac", "KitchenMTEasy-v0", (500, 1280, 200)),
        ("mtsac", "MetaWorldCDS-v1", (200, 256, 1250)),
        ("mtlevy", "MetaWorldMT10-v2", (1, 1280, 128)),
        ("mtlevy", "MetaWorldMT50-v2", (1, 1280, 25)),
        ("ptsl", "MetaWorldMT10-v2", (500, 2560, 500)),
    ],
)
def test_presets_are_the_references(method, env, expected):
    config = resolve(method, env)
    made = UpdateSchedule(config.options(SACOptions), environments.make_task_set(env).n_tasks)
    assert (made.n_updates, made.n_transitions, config.min_buffer_size) == expected


def test_parameters_in_common_make_the_schedule():
    apart = {"policy_architecture": "separate", "q_architecture": "separate"}
    assert shares_parameters({**apart, "state_encoder": "care"})
    for axis in ("policy_architecture", "q_architecture"):
        for name, line in MEMBERS[axis].items():
            assert line.load().sharing == line.sharing, name
            members = {**apart, "state_encoder": "none", axis: name}
            assert shares_parameters(members) == (line.sharing != "nothing")
    one_shared = resolve("train", "JacoReachMT5-v1", q_architecture="multihead")
    assert (one_shared.update_schedule, one_shared.replay_buffer_size) == ("shared", 200_000)
    assert resolve("train", "JacoReachMT5-v1").update_schedule == "per_task"
    given = resolve("mtsac", "MetaWorldMT10-v2", update_schedule="per_task")
    assert (given.buffer_batch_size, given.min_buffer_size) == (256, 5000)
