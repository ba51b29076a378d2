"""Task sets by id: what they say of themselves, their errors, and Gymnasium's own registry."""

import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from environments import (
    OptionValue,
    TaskEnv,
    TaskSet,
    factory_of,
    make_task_set,
    registry,
    task_set_ids,
    task_set_options,
)

# check_env would rather have bounded spaces, and bare environments.
UNBOUNDED = "ignore:.*A Box observation space m.*infinity:UserWarning"
WRAPPED = "ignore:.*is different from the unwrapped version:UserWarning"


def test_ids() -> None:
    assert task_set_ids() == (
        "JacoReachMT5-v1",
        "MetaWorldMT10-v2",
        "MetaWorldMT25-v2",
        "MetaWorldMT50-v2",
        "MetaWorldCustom-v2",
        "MazeLarge-10-v0",
        "Walker2dMT4-v0",
        "KitchenMTEasy-v0",
        "MetaWorldCDS-v1",
    )


@pytest.mark.parametrize(
    ("task_set_id", "sizes", "min_reward"),
    [
        ("JacoReachMT5-v1", (5, 15, 6, 200), -5.0),
        ("MetaWorldMT10-v2", (10, 39, 4, 500), 0.0),
        ("MetaWorldMT25-v2", (25, 39, 4, 500), 0.0),
        ("MetaWorldMT50-v2", (50, 39, 4, 500), 0.0),
        ("MetaWorldCustom-v2", (4, 39, 4, 500), 0.0),
        ("MazeLarge-10-v0", (10, 4, 2, 600), -1.0),
        ("Walker2dMT4-v0", (4, 17, 6, 1000), 0.0),
        ("KitchenMTEasy-v0", (10, 60, 9, 140), -20.0),
        ("MetaWorldCDS-v1", (4, 21, 4, 500), 0.0),
    ],
)
def test_what_a_task_set_says(
    task_set_id: str, sizes: tuple[int, int, int, int], min_reward: float
) -> None:
    n_tasks, observation_size, action_size, horizon = sizes
    task_set = make_task_set(task_set_id)
    assert task_set.n_tasks == len(set(task_set.task_names)) == n_tasks
    assert task_set.observation_space.shape == (observation_size,)
    assert task_set.action_space.shape == (action_size,)
    assert np.array_equal(task_set.action_space.low, -np.ones(action_size))
    assert np.array_equal(task_set.action_space.high, np.ones(action_size))
    assert task_set.max_episode_steps == horizon
    assert task_set.min_reward == (min_reward,) * n_tasks
    assert task_set.has_subgoals == (task_set_id == "JacoReachMT5-v1")
    card = task_set.protocol()
    assert card["env"] == task_set_id
    assert card["horizon"] == horizon
    assert card["success_rule"] == task_set.success_rule
    assert card["mujoco_version"] == "3.3.0"
    again = make_task_set(task_set.id, **task_set.options)
    assert again.protocol() == card


def test_options() -> None:
    assert task_set_options("JacoReachMT5-v1") == {}
    option = task_set_options("MetaWorldMT10-v2")["reward_version"]
    assert (option.default, option.allowed) == ("v2", ("v2", "v1"))
    task_set = make_task_set("MetaWorldMT10-v2", reward_version="v1")
    defaults = {
        "reward": "dense",
        "horizon": 500,
        "n_goals": 50,
        "evaluation_goals": "held_out",
    }
    assert task_set.options == {"reward_version": "v1", **defaults}
    assert task_set.protocol()["reward_version"] == "v1"
    custom = make_task_set("MetaWorldCustom-v2", tasks="reach, push-v3,door-open-v2")
    assert custom.task_names == ("reach", "push", "door-open")
    assert custom.options["tasks"] == custom.protocol()["tasks"] == "reach,push,door-open"


def test_errors_name_what_is_allowed() -> None:
    with pytest.raises(ValueError, match=r"'Jaco'; allowed: JacoReachMT5-v1, MetaWorldMT10-v2"):
        make_task_set("Jaco")
    with pytest.raises(ValueError, match="allowed: JacoReachMT5-v1"):
        task_set_options("Jaco")
    with pytest.raises(ValueError, match="no option 'rewards'; its options: evaluation_goals, h"):
        make_task_set("MetaWorldMT10-v2", rewards="v1")
    with pytest.raises(ValueError, match="no option 'reward_version'; its options: none"):
        make_task_set("JacoReachMT5-v1", reward_version="v1")
    with pytest.raises(
        ValueError, match="reward_version='v3' is not allowed; allowed: one of v2, v1"
    ):
        make_task_set("MetaWorldMT10-v2", reward_version="v3")
    with pytest.raises(ValueError, match="tasks=3 is not allowed; allowed: a text"):
        make_task_set("MetaWorldCustom-v2", tasks=3)
    with pytest.raises(
        ValueError, match=r"horizon=501 is not allowed; .* an integer from 1 to 500"
    ):
        make_task_set("MetaWorldMT50-v2", horizon=501)
    with pytest.raises(ValueError, match=r"n_goals=0 is not allowed; .* an integer, at least 1"):
        make_task_set("MetaWorldCustom-v2", n_goals=0)
    with pytest.raises(
        ValueError,
        match="evaluation_goals='test' is not allowed; allowed: one of train, held_out, train_at_r",
    ):
        make_task_set("MetaWorldCDS-v1", evaluation_goals="test")
    with pytest.raises(ValueError, match="no task 5; its tasks: 0 reach-0-1-2, 1 reach-0-1-3"):
        make_task_set("JacoReachMT5-v1").make(5)
    with pytest.raises(ValueError, match=r"unknown task 'dor-open'; .*assembly, .*window-close"):
        make_task_set("MetaWorldCustom-v2", tasks="door-open,dor-open")
    with pytest.raises(ValueError, match="each task once"):
        make_task_set("MetaWorldCustom-v2", tasks="reach,reach-v3")


@pytest.mark.filterwarnings(UNBOUNDED, WRAPPED)
@pytest.mark.parametrize(
    ("task_set_id", "task"),
    [
        ("JacoReachMT5-v1", 1),
        ("JacoReachMT5-v1", 4),
        ("MetaWorldMT10-v2", 0),
        ("MetaWorldMT10-v2", 7),
        ("MetaWorldCustom-v2", 1),
        ("MazeLarge-10-v0", 6),
        ("Walker2dMT4-v0", 3),
        ("KitchenMTEasy-v0", 2),
        ("MetaWorldCDS-v1", 1),
    ],
)
def test_gymnasium_makes_and_accepts_them(task_set_id: str, task: int) -> None:
    env = gymnasium.make(task_set_id, task=task)
    assert env.spec is not None
    assert env.spec.id == task_set_id
    assert isinstance(env.env.env, TaskEnv)  # type: ignore[attr-defined]
    check_env(make_task_set(task_set_id).make(task), skip_render_check=True)
    env.close()


def test_a_task_set_joins_the_table() -> None:
    task_set_class = type(make_task_set("JacoReachMT5-v1"))
    asked = []

    def factory(task_set_id: str, **options: OptionValue) -> TaskSet:
        asked.append((task_set_id, options))
        return make_task_set(task_set_id, **options)

    before = task_set_ids()
    registry.register_task_set("Mine-v0", task_set_class, factory)
    assert task_set_ids() == (*before, "Mine-v0")
    task_set = make_task_set("Mine-v0")
    assert type(task_set) is task_set_class
    assert task_set.id == task_set.protocol()["env"] == "Mine-v0"
    env = gymnasium.make("Mine-v0", task=4)
    assert isinstance(env.env.env, TaskEnv)  # type: ignore[attr-defined]
    env.close()
    assert asked == [], "only other processes ask the factory"
    assert factory_of("Mine-v0") is factory
    assert factory_of("JacoReachMT5-v1") is make_task_set
    for taken in ("Mine-v0", "JacoReachMT5-v1"):
        with pytest.raises(ValueError, match=f"there is a task set '{taken}' already"):
            registry.register_task_set(taken, task_set_class, factory)
    with pytest.raises(ValueError, match=r"allowed: JacoReachMT5-v1, .*, Mine-v0$"):
        make_task_set("Jaco")


def test_listing_needs_no_meta_world() -> None:
    code = (
        "import sys, environments as e;"
        "[(e.make_task_set(i).protocol(), e.task_set_options(i)) for i in e.task_set_ids()];"
        "sys.exit('metaworld' in sys.modules or 'torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
