"""Door and drawer on one table: scene, rewards against Meta-World's and by hand, and solutions."""

import math
from typing import Any

import mujoco
import numpy as np
import pytest
from metaworld.env_dict import ALL_V3_ENVIRONMENTS
from scipy.spatial.transform import Rotation

from environments import TaskEnv, make_task_set
from environments.metaworld_cds.env import MetaWorldCdsEnv
from environments.metaworld_cds.rewards import RewardTerms, reward_function
from environments.metaworld_cds.tasks import TASKS
from tests.environments.cds_controllers import controller

NAMES = ["door-open", "door-close", "drawer-open", "drawer-close"]
POLICIES_WARN = "ignore:Constant.s. may be too high:UserWarning"
STILL = np.zeros(4, dtype=np.float32)
# From the task's place to the target of the handle, and how near counts as success.
TARGETS = {
    "door-open": (-0.3, -0.45, 0.0),
    "door-close": (0.2, -0.2, 0.0),
    "drawer-open": (0.0, -0.36, 0.09),
    "drawer-close": (0.0, -0.16, 0.09),
}
RADII = {"door-open": 0.08, "door-close": 0.08, "drawer-open": 0.03, "drawer-close": 0.065}


def make(name: str) -> tuple[TaskEnv, MetaWorldCdsEnv]:
    env = make_task_set("MetaWorldCDS-v1").make(NAMES.index(name))
    raw = env.unwrapped
    assert isinstance(raw, MetaWorldCdsEnv)
    return env, raw


def random_actions(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (n, 4)).astype(np.float32)


def handle_slots(name: str) -> slice:
    return slice(11, 14) if name.startswith("door") else slice(4, 7)


def joint_of(raw: MetaWorldCdsEnv, name: str) -> Any:
    return raw.data.joint("doorjoint" if name.startswith("door") else "goal_slidey")


def tail(x: float, bound: float, margin: float) -> float:
    """dm_control's long tail: 1 within the bound, .1 a margin outside of it."""
    return 1.0 if x <= bound else 1.0 / (1.0 + 9.0 * ((x - bound) / margin) ** 2)


def bell(x: float, bound: float, margin: float) -> float:
    return 1.0 if x <= bound else 0.1 ** (((x - bound) / margin) ** 2)


def hamacher(a: float, b: float) -> float:
    return a * b / (a + b - a * b) if a + b > 0 else 0.0


def test_tasks_are_in_the_papers_order() -> None:
    assert [task.name for task in TASKS] == NAMES


def test_the_arm_and_objects_are_meta_worlds() -> None:
    _, raw = make("door-open")
    for name, bodies in (
        ("door-open", ("hand", "rightclaw", "right_l5", "door_link", "door")),
        ("drawer-open", ("leftclaw", "drawer_link", "drawercase_link")),
    ):
        original = ALL_V3_ENVIRONMENTS[f"{name}-v3"]().model
        for body in bodies:
            assert raw.model.body(body).mass == original.body(body).mass
            assert np.array_equal(raw.model.body(body).inertia, original.body(body).inertia)
            # Where the objects stand is the only difference.
            if body != "door":
                assert np.array_equal(raw.model.body(body).pos, original.body(body).pos)
        assert np.array_equal(raw.model.eq_data, original.eq_data)
        assert np.array_equal(raw.model.actuator_gainprm, original.actuator_gainprm)
        for option in ("timestep", "iterations", "tolerance", "solver", "cone", "jacobian"):
            assert getattr(raw.model.opt, option) == getattr(original.opt, option)


def test_places_of_the_scene() -> None:
    _, raw = make("door-open")
    assert np.array_equal(raw.model.body("door").pos, [-0.1, 0.9, 0.15])
    assert np.array_equal(raw.model.body("drawer").pos, [0.4, 0.9, 0.0])


@pytest.mark.parametrize(
    ("name", "low", "high", "hand"),
    [
        ("door-open", (-0.1, 0.85, 0.15), (0.0, 0.95, 0.15), (0.0, 0.6, 0.2)),
        ("door-close", (-0.1, 0.85, 0.15), (0.0, 0.95, 0.15), (-0.6, 0.6, 0.2)),
        ("drawer-open", (0.3, 0.9, 0.0), (0.4, 0.9, 0.0), (0.0, 0.6, 0.2)),
        ("drawer-close", (0.3, 0.9, 0.0), (0.4, 0.9, 0.0), (0.0, 0.6, 0.2)),
    ],
)
def test_goals_and_starts(name: str, low: Any, high: Any, hand: Any) -> None:
    env, raw = make(name)
    env.reset(seed=2)
    goals = raw.goals
    assert goals.shape == (50, 3)
    assert len(np.unique(goals, axis=0)) == 50
    spread = np.array(high) - low
    assert np.all((goals >= np.array(low) - 1e-12) & (goals <= np.array(high) + 1e-12))
    assert np.all(np.ptp(goals, axis=0) >= 0.85 * spread)
    for _ in range(5):
        observation, _ = env.reset()
        moved, other = ("door", "drawer") if name.startswith("door") else ("drawer", "door")
        place = raw.model.body(moved).pos
        assert place.tolist() in goals.tolist()
        stays = {"door": [-0.1, 0.9, 0.15], "drawer": [0.4, 0.9, 0.0]}[other]
        assert np.array_equal(raw.model.body(other).pos, stays)
        assert observation[18:] == pytest.approx(place + TARGETS[name], abs=1e-12)
        assert np.array_equal(observation[18:], raw.data.site("goal").xpos)
        assert observation[:3] == pytest.approx(hand, abs=0.015)
        start = {"door-close": -1.5708, "drawer-close": -0.15}.get(name, 0.0)
        assert joint_of(raw, name).qpos[0] == start
        joint = raw.data.joint("goal_slidey" if moved == "door" else "doorjoint")
        assert abs(joint.qpos[0]) < 0.005


@pytest.mark.parametrize("name", NAMES)
def test_observation_layout(name: str) -> None:
    env, raw = make(name)
    env.reset(seed=1)
    for action in random_actions(3, 20):
        observation, *_ = env.step(action)
    mujoco.mj_forward(raw.model, raw.data)
    data = raw.data
    assert observation.shape == (21,)
    assert np.array_equal(observation[:3], data.body("hand").xpos)
    apart = np.linalg.norm(data.site("rightEndEffector").xpos - data.site("leftEndEffector").xpos)
    assert observation[3] == pytest.approx(min(apart / 0.1, 1.0), abs=1e-12)
    drawer = data.body("drawer_link")
    assert np.array_equal(observation[4:7], drawer.xpos + np.array([0.0, -0.16, 0.0]))
    assert np.array_equal(observation[7:11], drawer.xquat)
    handle = data.geom("handle")
    assert np.array_equal(observation[11:14], handle.xpos)
    expected = Rotation.from_matrix(handle.xmat.reshape(3, 3)).as_quat()
    assert observation[14:18] == pytest.approx(expected, abs=1e-12)


@pytest.mark.filterwarnings(POLICIES_WARN)
@pytest.mark.parametrize("name", NAMES)
def test_the_reward_function_is_meta_worlds(name: str) -> None:
    # In Meta-World's own environment, on a random and a scripted rollout.
    from metaworld.policies import ENV_POLICY_MAP

    original: Any = ALL_V3_ENVIRONMENTS[f"{name}-v3"]()
    original._set_task_called, original._partially_observable = True, False
    original.__dict__.pop("sawyer_observation_space", None)
    original._last_rand_vec = np.array([0.05, 0.9, 0.15 if name.startswith("door") else 0.0])
    observation, _ = original.reset()
    terms = RewardTerms(
        data=original.data,
        hand_init_pos=original.hand_init_pos,
        init_tcp=original.init_tcp.copy(),
        obj_init_pos=original.obj_init_pos.copy(),
    )
    terms._target_pos = original._target_pos.copy()
    compute, policy = reward_function(name), ENV_POLICY_MAP[f"{name}-v3"]()
    rewards = []
    actions = random_actions(0, 120)
    for step, random_action in enumerate(actions):
        scripted = np.clip(policy.get_action(observation.copy()), -1, 1)
        action = random_action if step < 20 else scripted.astype(np.float32)
        observation, reward, *_ = original.step(action)
        terms.tcp_center = original.tcp_center
        assert compute(terms, action, observation[:7])[0] == pytest.approx(reward, abs=1e-9)
        rewards.append(reward)
    assert len(np.unique(rewards)) > 20
    original.close()


@pytest.mark.parametrize("name", NAMES)
def test_rewards_by_hand(name: str) -> None:
    env, raw = make(name)
    observation, _ = env.reset(seed=0)
    tip = [raw.data.site(f"{side}EndEffector") for side in ("right", "left")]
    tips_at_start = (tip[0].xpos + tip[1].xpos) / 2
    handle_at_start = observation[handle_slots(name)].copy()
    place = observation[18:] - np.array(TARGETS[name])
    for action in np.vstack((random_actions(4, 15), [[0.0, 0.0, 0.0, 0.7]])).astype(np.float32):
        observation, reward, *_ = env.step(action)
        hand, handle, target = observation[:3], observation[handle_slots(name)], observation[18:]
        tips = (tip[0].xpos + tip[1].xpos) / 2
        away = float(np.linalg.norm(handle - target))
        if name == "door-open":
            # Nothing opened: only reaching counts, twice its Hamacher product with the effort.
            aim = handle + np.array([-0.05, 0.0, 0.0])
            radius = math.dist(hand[:2], aim[:2])
            floor = 0.0 if radius <= 0.12 else 0.04 * math.log(radius - 0.12) + 0.4
            above = 1.0 if hand[2] >= floor else tail(floor - hand[2], 0.01, floor / 2)
            near = tail(float(np.linalg.norm(hand - aim - [0.05, 0.03, -0.01])), 0.06, 0.5)
            angle = -raw.data.joint("doorjoint").qpos[0]
            opened = 0.2 * (angle > math.pi / 90)
            opened += 0.8 * tail(math.pi / 2 + math.pi / 6 - angle, 0.5, math.pi / 3)
            effort = (action[3] + 1) / 2
            by_hand = 2 * hamacher(hamacher(above, near), effort) + 8 * opened
        elif name == "door-close":
            in_place = bell(away, 0.05, float(np.linalg.norm(place - target)))
            margin = float(np.linalg.norm(np.array([-0.6, 0.6, 0.2]) - handle)) + 0.1
            by_hand = 6 * in_place + 3 * bell(float(np.linalg.norm(tips - target)), 0.0125, margin)
        elif name == "drawer-open":
            error = np.array([3.0, 3.0, 1.0])
            closed = target + np.array([0.0, 0.2, 0.0])
            margin = float(np.linalg.norm((closed - tips_at_start) * error))
            caging = tail(float(np.linalg.norm((handle - hand) * error)), 0.01, margin)
            by_hand = 5 * (caging + tail(away, 0.02, 0.2))
        else:
            start = handle_at_start + np.array([0.0, 0.0, 0.05])
            margin = abs(float(np.linalg.norm(start - target)) - 0.05)
            reach_margin = abs(float(np.linalg.norm(start - tips_at_start)) - 0.005)
            reach = bell(float(np.linalg.norm(handle - tips)), 0.005, reach_margin)
            reach = hamacher(reach, max(0.0, float(action[3])))
            by_hand = 10 * hamacher(reach, tail(away, 0.05, margin))
        assert reward == pytest.approx(by_hand, abs=1e-6)
        assert 0.0 <= reward < 10.0


@pytest.mark.parametrize("name", NAMES)
def test_success_fires_just_within_the_radius(name: str) -> None:
    env, raw = make(name)
    env.reset(seed=0)
    joint = joint_of(raw, name)
    seen = set()
    reach = -2.0 if name.startswith("door") else -0.16
    for position in np.linspace(reach, 0.0, 41):
        joint.qpos[0], joint.qvel[0] = position, 0.0
        observation, _, terminated, truncated, info = env.step(STILL)
        offset = observation[handle_slots(name)] - observation[18:]
        distance = abs(offset[0]) if name == "door-open" else np.linalg.norm(offset)
        expected = distance <= RADII[name]
        assert info["success"] == float(expected)
        assert not terminated
        assert not truncated
        seen.add(bool(expected))
    assert seen == {False, True}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings(POLICIES_WARN)
def test_a_script_solves_the_task_from_many_places(name: str) -> None:
    env, raw = make(name)
    act = controller(TASKS[NAMES.index(name)])
    for seed in range(5):
        observation, _ = env.reset(seed=seed)
        assert not raw._judge(observation, STILL)[1]
        flags = []
        for _ in range(150):
            observation, reward, terminated, _, info = env.step(act(observation))
            offset = observation[handle_slots(name)] - observation[18:]
            distance = abs(offset[0]) if name == "door-open" else np.linalg.norm(offset)
            assert info["success"] == float(distance <= RADII[name])
            assert not terminated
            flags.append(info["success"])
        assert flags[0] == 0.0
        assert max(flags) == info["episode_success"] == 1.0
        assert reward > 9.0 or name == "door-close"


@pytest.mark.filterwarnings(POLICIES_WARN)
@pytest.mark.parametrize(
    ("name", "other"), [("drawer-open", "doorjoint"), ("door-open", "goal_slidey")]
)
def test_the_other_object_stays_as_it_is(name: str, other: str) -> None:
    env, raw = make(name)
    act = controller(TASKS[NAMES.index(name)])
    observation, _ = env.reset(seed=0)
    for _ in range(150):
        observation, *_ = env.step(act(observation))
        assert abs(raw.data.joint(other).qpos[0]) < 0.01


def test_the_horizon_is_500_steps() -> None:
    env, _ = make("drawer-close")
    env.reset(seed=0)
    flags = [env.step(STILL)[2:4] for _ in range(500)]
    assert flags == [(False, False)] * 499 + [(False, True)]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_run_and_states_come_back_exactly(name: str) -> None:
    runs = []
    for warm_up in (0, 17):
        env, _ = make(name)
        env.reset(seed=5)
        for action in random_actions(0, warm_up):
            env.step(action)
        steps = [env.reset(seed=7)[0]]
        steps += [np.append(*env.step(action)[:2]) for action in random_actions(1, 40)]
        runs.append(np.concatenate([*steps, env.reset()[0]]))
    assert np.array_equal(runs[0], runs[1])
    for action in random_actions(2, 20):
        env.step(action)
    state = env.get_state()
    ahead = [np.append(*env.step(action)[:2]) for action in random_actions(3, 5)]
    next_start = env.reset()[0]
    other, raw = make(name)
    other.reset(seed=1)
    other.set_state(state)
    assert np.array_equal(ahead, [np.append(*other.step(a)[:2]) for a in random_actions(3, 5)])
    assert np.array_equal(other.reset()[0], next_start)
    with pytest.raises(ValueError, match=r"shape \(49, 3\)"):
        other.set_state({**state, "run": raw.goals[1:]})


def test_an_episode_is_that_of_a_newly_built_environment() -> None:
    env, _ = make("door-close")
    for seed in (3, None, None):
        env.reset(seed=seed)
        for action in random_actions(0, 30):
            env.step(action)
    fresh, fresh_raw = make("door-close")
    fresh.set_state({**env.get_state()})
    for action in random_actions(1, 20):
        assert np.array_equal(env.step(action)[0], fresh.step(action)[0])
    assert fresh_raw.data.time == env.unwrapped.data.time  # type: ignore[attr-defined]


def test_global_randomness_is_left_alone() -> None:
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # type: ignore[index,union-attr]  # noqa: NPY002
    env, _ = make("door-open")
    env.reset(seed=8)
    env.step(STILL)
    after = np.random.get_state()[1]  # type: ignore[index]  # noqa: NPY002
    assert np.array_equal(before, after)  # type: ignore[arg-type]


def test_the_picture_has_room_and_the_goal_in_it() -> None:
    env, raw = make("drawer-open")
    env.reset(seed=0)
    model, data = raw.mujoco_parts()
    assert model.vis.global_.offwidth >= 640
    assert model.vis.global_.offheight >= 480
    assert model.site("goal").rgba[3] == 1.0
    assert np.array_equal(data.site("goal").xpos, raw.target)
    assert raw.camera().distance < 2.0
