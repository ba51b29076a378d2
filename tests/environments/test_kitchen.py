"""The kitchen's tasks: rewards by hand, ends of episodes, control, determinism, and solutions."""

import math
from pathlib import Path

import numpy as np
import pytest

from environments import TaskEnv, make_task_set
from environments.kitchen.env import KitchenEnv
from environments.kitchen.tasks import TASKS
from tests.environments.kitchen_controller import WaypointController

STILL = np.zeros(9, dtype=np.float32)
NAMES = [task.name for task in TASKS]

# Where the elements' joints are in the 30 positions, and their values closed or off, open or on.
ELEMENTS = {
    "slide-cabinet": ([19], [-4.65501369e-04], [0.37]),
    "hinge-cabinet": ([20, 21], [-6.44129196e-03, -1.77048263e-03], [0.0, 1.45]),
    "bottom-burner": ([11, 12], [3.12877220e-05, -4.51199853e-05], [-0.88, -0.01]),
    "top-burner": ([15, 16], [6.28065475e-05, 4.04984708e-05], [-0.92, -0.01]),
    "light-switch": ([17, 18], [4.62730939e-04, -2.26906415e-04], [-0.69, -0.05]),
}
SITES = {
    "slide-cabinet": "slide_site",
    "hinge-cabinet": "hinge_site2",
    "bottom-burner": "knob2_site",
    "top-burner": "knob4_site",
    "light-switch": "light_site",
}
THRESHOLDS = dict(zip(NAMES, (0.1, 0.1, 0.1, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3), strict=True))


def make(task: int | str) -> tuple[TaskEnv, KitchenEnv]:
    env = make_task_set("KitchenMTEasy-v0").make(
        NAMES.index(task) if isinstance(task, str) else task
    )
    raw = env.unwrapped
    assert isinstance(raw, KitchenEnv)
    return env, raw


def ends(name: str) -> tuple[list[int], np.ndarray, np.ndarray]:
    """The joints that a task moves, where they start and where they shall go."""
    element, verb = name.rsplit("-", 1)
    joints, closed, opened = ELEMENTS[element]
    start, goal = (closed, opened) if verb in ("open", "on") else (opened, closed)
    return joints, np.array(start), np.array(goal)


def tolerance(x: float, bound: float, margin: float) -> float:
    """The sheet's Gaussian: 1 within the bound, .1 a margin outside of it."""
    return 1.0 if x <= bound else 0.1 ** (((x - bound) / margin) ** 2)


def test_order_of_the_tasks() -> None:
    pairs = ("slide-cabinet open close", "hinge-cabinet open close", "bottom-burner on off")
    pairs += ("top-burner on off", "light-switch on off")
    expected = []
    for pair in pairs:
        element, *verbs = pair.split()
        expected += [f"{element}-{verb}" for verb in verbs]
    assert expected == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_initial_state_and_observed_goal(name: str) -> None:
    env, raw = make(name)
    observation, _ = env.reset(seed=3)
    joints, start, goal = ends(name)
    assert observation.shape == (60,)
    expected = np.zeros(30)
    expected[joints] = goal
    expected[22] = -0.75
    expected[23:30] = [-0.23, 0.75, 1.62, 0.99, 0.0, 0.0, -0.06]
    expected[11:13] = [-0.88, -0.01]
    expected[17:19] = [-0.69, -0.05]
    assert np.array_equal(observation[30:], expected)
    robot = [0.148388023, -1.76848573, 1.84390296, -2.4768576, 0.260252026, 0.712533105]
    assert np.array_equal(observation[:9], [*robot, 1.59515394, 0.0479267505, 0.0371350919])
    elsewhere = np.array(observation[:30])
    assert np.array_equal(elsewhere[joints], start)
    for other, (others_joints, closed, _) in ELEMENTS.items():
        if not name.startswith(other):
            assert np.array_equal(elsewhere[others_joints], closed)
    assert np.array_equal(elsewhere[23:26], [-0.26939744, 0.350383255, 1.61944683])
    assert not raw.data.qvel.any()


def test_a_tasks_goal_is_its_partners_start() -> None:
    for there, back in zip(TASKS[::2], TASKS[1::2], strict=True):
        assert (there.start, there.goal) == (back.goal, back.start)


@pytest.mark.parametrize("name", NAMES)
def test_reward_by_hand(name: str) -> None:
    env, raw = make(name)
    env.reset(seed=0)
    joints, start, goal = ends(name)
    site = raw.data.site(SITES[name.rsplit("-", 1)[0]])
    d0 = math.sqrt(sum((start - goal) ** 2))
    h0 = math.sqrt(sum((site.xpos - raw.data.site("end_effector").xpos) ** 2))
    threshold = THRESHOLDS[name]
    rng = np.random.default_rng(0)
    for way in (0.0, 0.3, 0.5):
        raw.data.qpos[joints] = start + way * (goal - start)
        _, reward, terminated, _, info = env.step(rng.uniform(-1, 1, 9))
        d = math.sqrt(sum((raw.data.qpos[joints] - goal) ** 2))
        fingers = [raw.data.body(f"panda0_{side}finger").xpos for side in ("left", "right")]
        h = math.sqrt(sum((site.xpos - (fingers[0] + fingers[1]) / 2) ** 2))
        assert d > threshold
        assert h > 0.08
        in_place = tolerance(d, threshold, abs(d0 - threshold))
        by_hand = 20 * (0.4 * in_place + 0.6 * tolerance(h, 0.08, abs(h0 - 0.08)) - 1)
        assert reward == pytest.approx(by_hand, abs=1e-9)
        assert -20 < reward < 0
        assert (terminated, info["success"]) == (False, 0.0)


def test_reward_with_the_hand_at_the_element() -> None:
    env, raw = make("light-switch-on")
    env.reset(seed=0)
    controller = WaypointController(raw)
    while raw.hand_distance > 0.08:
        _, reward, *_ = env.step(controller.action())
    # Only the goal's part is missing.
    d0 = math.sqrt((4.62730939e-04 + 0.69) ** 2 + (-2.26906415e-04 + 0.05) ** 2)
    in_place = tolerance(raw.goal_distance, 0.3, d0 - 0.3)
    assert reward == pytest.approx(20 * (0.4 * in_place + 0.6 - 1), abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_success_pays_2800_and_ends_the_episode_just_within_the_threshold(name: str) -> None:
    env, raw = make(name)
    env.reset(seed=0)
    joints, start, goal = ends(name)
    away = (start - goal) / np.linalg.norm(start - goal)
    for distance, expected in ((THRESHOLDS[name] + 0.02, False), (THRESHOLDS[name] - 0.02, True)):
        raw.data.qpos[joints] = goal + distance * away
        raw.data.qvel[:] = 0.0
        _, reward, terminated, truncated, info = env.step(STILL)
        assert raw.goal_distance == pytest.approx(distance, abs=0.015)
        assert (reward == 2800.0, terminated, info["success"] == 1.0) == (expected,) * 3
        assert not truncated


@pytest.mark.parametrize("name", NAMES)
def test_nothing_happens_by_itself(name: str) -> None:
    env, _ = make(name)
    env.reset(seed=0)
    rewards, flags = [], []
    for _ in range(140):
        _, reward, *end, info = env.step(STILL)
        rewards.append(reward)
        flags.append((*end, info["success"]))
    assert flags == [(False, False, 0.0)] * 139 + [(False, True, 0.0)]
    assert -20.0 < min(rewards) <= max(rewards) < -5.0


def test_rewards_of_all_tasks_are_those_that_the_others_pay_in_this_state() -> None:
    env, raw = make("bottom-burner-on")
    others = [make(task) for task in range(10)]
    env.reset(seed=0)
    raw.data.qpos[ELEMENTS["slide-cabinet"][0]] = 0.2
    rng = np.random.default_rng(1)
    for _ in range(3):
        before, speeds = raw.data.qpos.copy(), raw.data.qvel.copy()
        warm_start = raw.data.qacc_warmstart.copy()
        action = rng.uniform(-1, 1, 9).astype(np.float32)
        _, reward, *_ = env.step(action)
        relabelled = raw.rewards_of_all_tasks()
        assert relabelled.shape == (10,)
        assert relabelled[4] == reward
        for task, (_, other) in enumerate(others):
            other.begin_episode()
            other.data.qpos[:], other.data.qvel[:] = before, speeds
            other.data.qacc_warmstart[:] = warm_start
            assert relabelled[task] == pytest.approx(float(other.step(action)[1]), abs=1e-9)
    # Here these elements are at their goals already.
    done = {name for name, value in zip(NAMES, relabelled, strict=True) if value == 2800.0}
    assert done == {"hinge-cabinet-close", "bottom-burner-off", "top-burner-off"} | {
        "light-switch-off"
    }


def test_actions_are_joint_velocities_as_in_gymnasium_robotics() -> None:
    # Its own robot, without the noise that it adds, gives the servos the same targets.
    env, raw = make(0)
    env.reset(seed=0)
    low = [-2.9, -1.8, -2.9, -3.1, -2.9, 0.0, -2.9, 0.0, 0.0]
    high = [2.9, 1.8, 2.9, 0.0, 2.9, 3.8, 2.9, 0.04, 0.04]
    for action in (np.full(9, 0.5), np.linspace(-3.0, 3.0, 9), np.full(9, -1.0)):
        before = raw.data.qpos[:9].copy()
        env.step(action)
        for joint in range(9):
            velocity = 2.0 * min(max(float(np.float32(action[joint])), -1.0), 1.0)
            target = min(max(before[joint] + 0.08 * velocity, low[joint]), high[joint])
            assert raw.data.ctrl[joint] == pytest.approx(target, abs=1e-12)
    assert raw.data.time == pytest.approx(3 * 0.08)


def test_the_hand_follows_gymnasium_robotics_own_robot() -> None:
    import gymnasium_robotics.envs.franka_kitchen.kitchen_env as original

    kitchen = original.KitchenEnv(object_noise_ratio=0.0, robot_noise_ratio=0.0)
    kitchen.reset(seed=0)
    kitchen.robot_env._last_robot_qpos = kitchen.data.qpos[:9].copy()
    env, _ = make(0)
    env.reset(seed=0)
    for action in np.random.default_rng(2).uniform(-1, 1, (15, 9)).astype(np.float32):
        expected = kitchen.step(action.astype(np.float64))[0]["observation"]
        observation, *_ = env.step(action)
        assert observation[:9] == pytest.approx(expected[:9], abs=1e-6)
        assert observation[9:30] == pytest.approx(expected[18:39], abs=1e-6)
    kitchen.close()


@pytest.mark.parametrize("task", [0, 9])
def test_episodes_are_equal_and_come_back_exactly(task: int) -> None:
    actions = np.random.default_rng(0).uniform(-1, 1, (25, 9)).astype(np.float32)
    env, _ = make(task)
    runs = []
    for seed in (5, None):
        steps = [env.reset(seed=seed)[0]]
        steps += [np.append(*env.step(action)[:2]) for action in actions]
        runs.append(np.concatenate(steps))
    # Nothing is random, and an episode forgets the one before.
    assert np.array_equal(runs[0], runs[1])
    state = env.get_state()
    ahead = [np.append(*env.step(action)[:2]) for action in actions]
    other, _ = make(task)
    other.reset(seed=1)
    other.set_state(state)
    assert np.array_equal(ahead, [np.append(*other.step(action)[:2]) for action in actions])


# MuJoCo also writes the warning to a file in the working directory.
def test_a_failing_simulation_costs_20_and_terminates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    env, raw = make(0)
    before, _ = env.reset(seed=0)
    raw.data.qvel[:] = 1e12
    observation, reward, terminated, _, info = env.step(STILL)
    assert (reward, terminated, info["success"]) == (-20.0, True, 0.0)
    assert np.array_equal(observation, before)
    assert np.array_equal(raw.rewards_of_all_tasks(), [-20.0] * 10)
    env.reset()
    assert not env.step(STILL)[2]


@pytest.mark.parametrize("name", NAMES)
def test_the_arm_solves_the_task(name: str) -> None:
    env, raw = make(name)
    env.reset(seed=0)
    controller = WaypointController(raw)
    for _ in range(140):
        _, reward, terminated, truncated, info = env.step(controller.action())
        reached = raw.goal_distance < THRESHOLDS[name]
        assert (reward == 2800.0, terminated, info["success"] == 1.0) == (reached,) * 3
        if terminated or truncated:
            break
    assert info["episode_success"] == 1.0


def test_the_camera_sees_the_kitchen_and_the_element_is_marked() -> None:
    env, raw = make(0)
    env.reset(seed=0)
    model, data = raw.mujoco_parts()
    assert model is raw.model
    assert data is raw.data
    assert model.vis.global_.offwidth >= 640
    assert model.vis.global_.offheight >= 480
    assert 1.0 < raw.camera().distance < 4.0
    (marker,) = raw.goal_markers()
    assert marker.position == pytest.approx(data.site("slide_site").xpos)
