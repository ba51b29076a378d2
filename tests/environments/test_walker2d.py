"""The walker: its body beside Gymnasium's, and every task's reward and end by hand."""

import math
from pathlib import Path

import gymnasium
import mujoco
import numpy as np
import pytest

from environments import TaskEnv, make_task_set
from environments.walker2d.env import Walker2dEnv
from tests.environments.walker_stand import stand

FORWARD, BACKWARD, BALANCE, CRAWL = FOUR = range(4)
HALF = np.full(6, 0.5, dtype=np.float32)
STILL = np.zeros(6, dtype=np.float32)
UPRIGHT = (0.0, 1.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
TILTED = (-1.0, 1.1, 0.4, -0.3, -0.5, 0.2, -0.9, -0.2, -0.4)
LOW = (0.5, 0.6, 1.2, -0.8, -1.5, 0.3, -0.2, -1.0, 0.1)


def make(task: int, push_probability: float = 0.0) -> tuple[TaskEnv, Walker2dEnv]:
    task_set = make_task_set("Walker2dMT4-v0", push_probability=push_probability)
    env = task_set.make(task)
    raw = env.unwrapped
    assert isinstance(raw, Walker2dEnv)
    return env, raw


def put(
    raw: Walker2dEnv, pose: tuple[float, ...] | np.ndarray, speed: tuple[float, ...] | None = None
) -> None:
    raw.data.qpos[:] = pose
    raw.data.qvel[:] = (0.0,) * 9 if speed is None else speed
    raw.data.qacc_warmstart[:] = 0.0


def by_hand(
    task: int, *, speed: float, angle: float, height: float, foot: float, a: float
) -> float:
    """The table's four columns, each written out."""
    common = 0.1 * math.cos(angle) + 1 - 0.001 * a
    if task == FORWARD:
        return common + 3 - abs(speed - 3) - abs(1.1 - height) - 0.01 * foot
    if task == BACKWARD:
        return common + 3 - abs(-speed - 3) - abs(1.1 - height) - 0.01 * foot
    if task == BALANCE:
        return common - abs(speed) - 0.5 * abs(1.1 - height)
    return common + 2 * (3 - abs(speed - 3)) - 0.01 * foot


def torso_over_feet(qpos: np.ndarray) -> float:
    """Height of the torso over the higher foot's frame, by the angles' own geometry."""
    heights = []
    for thigh, leg, foot in (qpos[3:6], qpos[6:9]):
        # Torso's pitch is about +y, the other joints turn about -y.
        upper = qpos[2] - thigh
        lower = upper - leg
        last = lower - foot
        z = -0.2 * math.cos(qpos[2]) - 0.45 * math.cos(upper) - 0.5 * math.cos(lower)
        # The foot's frame lies .2 before its joint and .1 under it.
        z += -0.2 * math.sin(last) - 0.1 * math.cos(last)
        heights.append(z)
    return -max(heights)


def test_the_body_is_gymnasiums() -> None:
    _, raw = make(FORWARD)
    folder = Path(gymnasium.__file__).parent / "envs" / "mujoco" / "assets"
    theirs = mujoco.MjModel.from_xml_path(str(folder / "walker2d.xml"))
    ours = raw.model
    assert ours.opt.timestep == theirs.opt.timestep == 0.002
    assert ours.opt.integrator == theirs.opt.integrator == mujoco.mjtIntegrator.mjINT_RK4
    for name in ("body_pos", "body_mass", "body_ipos", "jnt_range", "jnt_axis", "jnt_pos"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), abs=1e-12), name
    for name in ("dof_damping", "dof_armature", "qpos0", "actuator_gear", "actuator_ctrlrange"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), abs=1e-12), name
    body = [n for n in range(ours.ngeom) if ours.geom_bodyid[n] > 0]
    assert ours.geom_friction[body] == pytest.approx(theirs.geom_friction[1:])
    assert ours.geom_size[body][:, :2] == pytest.approx(theirs.geom_size[1:][:, :2])
    assert ours.geom_friction[body][:, 0].tolist() == [0.9] * 6 + [1.9]


def test_the_body_falls_and_kicks_as_gymnasiums() -> None:
    _, raw = make(FORWARD)
    folder = Path(gymnasium.__file__).parent / "envs" / "mujoco" / "assets"
    theirs = mujoco.MjModel.from_xml_path(str(folder / "walker2d.xml"))
    data = mujoco.MjData(theirs)
    raw.reset(seed=0)
    rng = np.random.default_rng(0)
    put(raw, UPRIGHT)
    data.qpos[:] = UPRIGHT
    for _ in range(40):
        action = rng.uniform(-1, 1, 6).astype(np.float32)
        observation, *_ = raw.step(action)
        data.ctrl[:] = action
        mujoco.mj_step(theirs, data, nstep=4)
        assert observation[:8] == pytest.approx(data.qpos[1:], abs=1e-7)
        assert observation[8:] == pytest.approx(np.clip(data.qvel, -10, 10), abs=1e-5)


@pytest.mark.parametrize("pose", [UPRIGHT, TILTED, LOW])
@pytest.mark.parametrize("task", FOUR)
def test_rewards_by_hand(task: int, pose: tuple[float, ...]) -> None:
    env, raw = make(task)
    env.reset(seed=0)
    rng = np.random.default_rng(task)
    for forward_speed in (-6.0, -2.0, 0.0, 1.0, 4.0):
        put(raw, pose, (forward_speed, *rng.normal(size=8)))
        before = raw.data.qpos.copy()
        action = rng.uniform(-1, 1, 6).astype(np.float32)
        _, reward, *_ = raw.step(action)
        after = raw.data.qpos
        bodies = {name: raw.data.body(name).xpos[2] for name in ("torso", "foot", "foot_left")}
        height = bodies["torso"] - max(bodies["foot"], bodies["foot_left"])
        assert height == pytest.approx(torso_over_feet(after), abs=2e-3)
        foot = (abs(after[5] - before[5]) + abs(after[8] - before[8])) / 0.008
        squares = sum(float(x) ** 2 for x in action)
        speed = (after[0] - before[0]) / 0.008
        expected = by_hand(task, speed=speed, angle=after[2], height=height, foot=foot, a=squares)
        assert reward == pytest.approx(expected, abs=1e-9)


# Standing still and upright: theta = 0, v = 0, the torso 1.25 over the feet's frames.
@pytest.mark.parametrize(
    ("task", "expected"),
    [(FORWARD, 0.95), (BACKWARD, 0.95), (BALANCE, 1.025), (CRAWL, 1.1)],
)
def test_rewards_of_standing_in_numbers(task: int, expected: float) -> None:
    env, raw = make(task)
    env.reset(seed=0)
    put(raw, UPRIGHT)
    # In the air, .04 above the ground: nothing turns yet.
    assert env.step(STILL)[1] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("task", "limit"), [(FORWARD, 0.8), (BACKWARD, 0.8), (BALANCE, 0.8), (CRAWL, 0.3)]
)
def test_a_fall_terminates(task: int, limit: float) -> None:
    env, raw = make(task)
    for above in (0.01, -0.01):
        env.reset(seed=0)
        # Lying in the air: without contacts the height changes by free fall only, .3 mm.
        raw.model.opt.disableflags |= mujoco.mjtDisableBit.mjDSBL_CONTACT
        put(raw, (0.0, limit + above, 1.57, 0, 0, 0, 0, 0, 0))
        _, _, terminated, truncated, info = env.step(STILL)
        assert (terminated, truncated, info["success"]) == (above < 0, False, 0.0)


def at_ceiling(x: float) -> tuple[float, ...]:
    return (x, 1.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


# The slab is .2 thick with its middle at 1, from x = 2 to x = 14; the torso's radius is .05.
@pytest.mark.parametrize(
    ("x", "touches"), [(1.93, False), (1.96, True), (8.0, True), (14.04, True), (14.2, False)]
)
def test_the_ceiling_ends_the_crawl_and_costs_10(x: float, touches: bool) -> None:
    env, raw = make(CRAWL)
    env.reset(seed=0)
    put(raw, at_ceiling(x))
    before = raw.data.qpos.copy()
    _, reward, terminated, _, info = env.step(STILL)
    speed = (raw.data.qpos[0] - before[0]) / 0.008
    foot = np.abs(raw.data.qpos - before)[[5, 8]].sum() / 0.008
    clear = by_hand(CRAWL, speed=speed, angle=raw.data.qpos[2], height=0.0, foot=foot, a=0.0)
    assert reward == pytest.approx(clear - 10 * touches, abs=1e-9)
    assert (terminated, info["success"]) == (touches, 0.0)


def test_under_the_ceiling_there_is_room() -> None:
    # Squatting and leaning back: the head reaches .65 + .2 cos 1.4 + .05, the slab begins at .9.
    env, raw = make(CRAWL)
    env.reset(seed=0)
    put(raw, (5.0, 0.65, -1.4, 0, -2.0, 0.6, 0, -2.0, 0.6))
    assert not env.step(STILL)[2]
    assert raw.rewards_of_all_tasks()[CRAWL] > 0


@pytest.mark.parametrize("task", [FORWARD, BACKWARD, BALANCE])
def test_in_the_other_tasks_there_is_no_ceiling(task: int) -> None:
    # What passes through the slab's place moves as where there is none.
    _, raw = make(task)
    assert raw.model.geom("ceiling").rgba[3] == 0.0
    ends = []
    for x in (8.0, -8.0):
        raw.reset(seed=0)
        put(raw, at_ceiling(x))
        motion = []
        for _ in range(30):
            observation, *_ = raw.step(HALF)
            motion.append(observation)
            assert bool(raw.rewards_of_all_tasks()[CRAWL] < -4) == (x > 0)
        ends.append(np.stack(motion))
    assert ends[0] == pytest.approx(ends[1], abs=1e-6)


def test_relabelling_is_what_the_other_tasks_pay_from_the_same_state() -> None:
    assert make_task_set("Walker2dMT4-v0").relabels
    envs = [make(task)[1] for task in FOUR]
    for raw in envs:
        raw.reset(seed=1)
    rng = np.random.default_rng(0)
    for _ in range(40):
        pose = np.array(TILTED) + 0.3 * rng.normal(size=9)
        pose[0] = rng.uniform(-5, 1)
        speed, action = 3 * rng.normal(size=9), rng.uniform(-1, 1, 6).astype(np.float32)
        paid = []
        for raw in envs:
            put(raw, pose, tuple(speed))
            paid.append(raw.step(action)[1])
        for raw in envs:
            assert np.array_equal(raw.rewards_of_all_tasks(), paid)
        assert len(set(paid)) == 4


def test_relabelling_in_the_ceilings_place() -> None:
    # The penalty is the crawl's alone, whichever task was run.
    for task in FOUR:
        _, raw = make(task)
        raw.reset(seed=0)
        put(raw, at_ceiling(5.0))
        before = raw.data.qpos.copy()
        paid = raw.step(STILL)[1]
        rewards = raw.rewards_of_all_tasks()
        assert rewards[task] == paid
        after = raw.data.qpos
        height = raw.data.body("torso").xpos[2] - raw.data.body("foot").xpos[2]
        foot = np.abs(after - before)[[5, 8]].sum() / 0.008
        speed = (after[0] - before[0]) / 0.008
        expected = [
            by_hand(j, speed=speed, angle=after[2], height=height, foot=foot, a=0.0) for j in FOUR
        ]
        expected[CRAWL] -= 10
        assert rewards == pytest.approx(expected, abs=2e-3)


def test_observation_layout_and_reset() -> None:
    env, raw = make(FORWARD)
    starts = np.stack([env.reset(seed=seed)[0] for seed in range(50)])
    assert starts.shape == (50, 17)
    # Five random actions after the noise have moved the joints, by much more than .01.
    assert np.abs(starts[:, 2:8]).max() > 0.05
    put(raw, TILTED, (0.0, 0.0, 50.0, -50.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    observation, *_ = env.step(STILL)
    assert np.array_equal(observation[:8], raw.data.qpos[1:])
    assert np.array_equal(observation[8:], np.clip(raw.data.qvel, -10, 10))
    assert np.abs(raw.data.qvel).max() > 10


@pytest.mark.parametrize(("task", "n_steps"), [(0, 5), (1, 5), (2, 10), (3, 5)])
def test_the_start_is_noise_and_random_actions(task: int, n_steps: int) -> None:
    env, raw = make(task)
    start, _ = env.reset(seed=4)
    assert raw.data.time == pytest.approx(n_steps * 0.008)
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(4)))
    data = mujoco.MjData(raw.model)
    data.qpos[:] += rng.uniform(-0.01, 0.01, 9)
    data.qvel[:] += rng.uniform(-0.01, 0.01, 9)
    for _ in range(n_steps):
        data.ctrl[:] = rng.uniform(-1, 1, 6)
        for _ in range(4):
            mujoco.mj_step(raw.model, data)
    assert np.array_equal(start[:8], data.qpos[1:])


# MuJoCo also writes the warning to a file in the working directory.
def test_a_failing_simulation_terminates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    env, raw = make(FORWARD)
    before, _ = env.reset(seed=0)
    raw.data.qvel[:] = 1e12
    observation, reward, terminated, truncated, info = env.step(HALF)
    assert (reward, terminated, truncated, info["success"]) == (0.0, True, False, 0.0)
    assert np.array_equal(observation, before)
    assert np.array_equal(raw.rewards_of_all_tasks(), np.zeros(4))
    env.reset()
    assert not env.step(HALF)[2]


@pytest.mark.parametrize(("task", "bound"), [(0, 100.0), (1, 100.0), (2, 400.0), (3, 300.0)])
def test_pushes(task: int, bound: float) -> None:
    env, raw = make(task, push_probability=0.25)
    pushes, sizes = 0, []
    env.reset(seed=0)
    for _ in range(400):
        put(raw, UPRIGHT)
        env.step(STILL)
        pushed = np.flatnonzero(np.abs(raw.data.xfrc_applied).any(axis=1))
        assert len(pushed) <= 1
        assert 0 not in pushed
        pushes += len(pushed)
        sizes.append(np.abs(raw.data.xfrc_applied).max())
    # Four standard deviations around 100.
    assert 65 < pushes < 135
    assert 0.95 * bound < max(sizes) < bound
    env.reset()
    assert not raw.data.xfrc_applied.any()


@pytest.mark.parametrize("push_probability", [0.0, 0.1])
@pytest.mark.parametrize("task", FOUR)
def test_the_same_seed_gives_the_same_run_and_states_come_back(
    task: int, push_probability: float
) -> None:
    noise = np.random.default_rng(task).uniform(-0.3, 0.3, (60, 6)).astype(np.float32)
    (env, _), (other, _), (third, _) = (make(task, push_probability) for _ in range(3))
    env.reset(seed=9)
    env.step(noise[0])
    observation, _ = env.reset(seed=7)
    assert np.array_equal(observation, other.reset(seed=7)[0])
    for a in noise[:40]:
        action = stand(observation) + a
        one, two = env.step(action), other.step(action)
        observation = one[0]
        assert np.array_equal(observation, two[0])
        assert one[1:] == two[1:]
    assert np.array_equal(third.set_state(env.get_state()), observation)
    for a in noise[40:]:
        action = stand(observation) + a
        one, three = env.step(action), third.step(action)
        observation = one[0]
        assert np.array_equal(observation, three[0])
        assert one[1:] == three[1:]
    assert np.array_equal(env.reset()[0], third.reset()[0])


def test_the_card_and_the_option() -> None:
    card = make_task_set("Walker2dMT4-v0").protocol()
    assert (card["headline"], card["push_probability"]) == ("return", 0.0)
    for wrong in (-0.1, 1.5):
        with pytest.raises(ValueError, match="allowed: a number from 0 to 1"):
            make_task_set("Walker2dMT4-v0", push_probability=wrong)


def test_what_is_seen() -> None:
    _, raw = make(CRAWL)
    raw.reset(seed=0)
    model, data = raw.mujoco_parts()
    assert model.geom("ceiling").rgba[3] > 0
    camera = raw.camera()
    assert camera.lookat[0] == data.qpos[0]
    assert camera.type == mujoco.mjtCamera.mjCAMERA_FREE
