"""The fast step gives what Meta-World's own gives, bit for bit, in every task."""

import hashlib
import importlib.metadata
import inspect
from typing import Any

import metaworld.envs.sawyer_push_v3 as push_module
import numpy as np
import pytest
from metaworld import sawyer_xyz_env
from metaworld.env_dict import ALL_V3_ENVIRONMENTS
from metaworld.policies import ENV_POLICY_MAP
from metaworld.utils import reward_utils
from scipy.spatial.transform import Rotation

from environments import make_task_set
from environments.metaworld_env import MetaWorldEnv
from environments.metaworld_fast import METAWORLD_VERSION, fast_class
from environments.metaworld_fast.quaternions import RotationStandIn
from environments.metaworld_fast.small_arrays import numpy_stand_in
from environments.metaworld_fast.stepping import FastSawyerEnv
from environments.metaworld_fast.tolerance import tolerance
from environments.metaworld_tasks import MT50

RANDOM_STEPS = 60
SCRIPTED_STEPS = 200
STEPS_AFTER_SUCCESS = 5
SEEDS = {"box-close": 1, "stick-pull": 1}
"""Seeds with whose goals the scripted policies succeed in every task; 0 where none is named."""

REPLACED = ("step", "set_xyz_action", "_get_obs", "_get_curr_obs_combined_no_goal")
REPLACED += ("touching_object", "tcp_center", "get_endeff_pos", "_get_site_pos")
HOW_TO_RECHECK = (
    "Meta-World is not the one that environments/metaworld_fast was written against. To re-check: "
    "run this file; if the rollouts of all tasks are equal, read what changed in the functions "
    "named in REPLACED and in reward_utils.tolerance, bring stepping.py and tolerance.py in line, "
    "run `python -m benchmarks.metaworld_step`, and enter the new METAWORLD_VERSION and SOURCE."
)
SOURCE = "ddf2d70c7c3370e5"

pytestmark = pytest.mark.filterwarnings("ignore:.*may be too high:UserWarning")


def pair(task_name: str, reward_version: str) -> tuple[MetaWorldEnv, Any]:
    """Our environment and Meta-World's own, both reset to the same goal."""
    options: dict[str, Any] = {"tasks": task_name, "reward_version": reward_version}
    ours = make_task_set("MetaWorldCustom-v2", **options).make(0).unwrapped
    assert isinstance(ours, MetaWorldEnv)
    start, _ = ours.reset(seed=SEEDS.get(task_name, 0))
    theirs: Any = ALL_V3_ENVIRONMENTS[f"{task_name}-v3"](reward_function_version=reward_version)
    assert not isinstance(theirs, FastSawyerEnv)
    assert isinstance(ours.simulation, FastSawyerEnv)
    theirs._set_task_called = True
    theirs._partially_observable = False
    theirs.__dict__.pop("sawyer_observation_space", None)
    theirs._last_rand_vec = ours.simulation._last_rand_vec.copy()
    assert np.array_equal(start, theirs.reset()[0])
    return ours, theirs


def step_both(ours: MetaWorldEnv, theirs: Any, action: np.ndarray) -> tuple[np.ndarray, float]:
    """Steps both, compares all that comes back; returns Meta-World's observation and success."""
    observation, reward, terminated, truncated, info = ours.step(action)
    expected, expected_reward, *expected_ends, expected_info = theirs.step(action)
    assert observation.dtype == expected.dtype
    assert np.array_equal(observation, expected)
    assert reward == expected_reward
    assert [terminated, truncated] == expected_ends
    assert info == expected_info
    assert list(info) == list(expected_info)
    assert "success" in info
    return expected, float(expected_info["success"])


def assert_same_simulation(ours: MetaWorldEnv, theirs: Any) -> None:
    mine, other = ours.simulation.data, theirs.data
    for name in ("qpos", "qvel", "qacc_warmstart", "xpos", "site_xpos", "mocap_pos", "ctrl"):
        assert np.array_equal(getattr(mine, name), getattr(other, name)), name


def random_actions(n: int, dtype: Any) -> np.ndarray:
    # Some lie outside the bounds, which Meta-World clips for the hand and not for the gripper.
    return np.random.default_rng(5).uniform(-1.2, 1.2, (n, 4)).astype(dtype)


@pytest.mark.parametrize("task_name", MT50)
def test_random_and_scripted_rollouts_are_equal(task_name: str) -> None:
    ours, theirs = pair(task_name, "v2")
    observation = theirs._get_obs()
    ours.simulation._get_obs()
    policy: Any = ENV_POLICY_MAP[f"{task_name}-v3"]()
    succeeded_at = None
    for step in range(SCRIPTED_STEPS):
        # float64, unlike below: the hand's displacement is rounded to the action's precision.
        action = np.clip(policy.get_action(observation), -1, 1)
        observation, success = step_both(ours, theirs, action)
        if success and succeeded_at is None:
            succeeded_at = step
        if succeeded_at is not None and step >= succeeded_at + STEPS_AFTER_SUCCESS:
            break
    assert_same_simulation(ours, theirs)
    assert succeeded_at is not None, f"no success within {SCRIPTED_STEPS} steps"
    assert np.array_equal(ours.simulation.reset()[0], theirs.reset()[0])
    for action in random_actions(RANDOM_STEPS, np.float32):
        step_both(ours, theirs, action)
    assert_same_simulation(ours, theirs)


@pytest.mark.parametrize("task_name", MT50)
def test_v1_rewards_are_equal(task_name: str) -> None:
    ours, theirs = pair(task_name, "v1")
    observation = theirs.reset()[0]
    ours.simulation.reset()
    policy: Any = ENV_POLICY_MAP[f"{task_name}-v3"]()
    noise = random_actions(60, np.float32)
    for step in range(60):
        action = noise[step]
        if step < 45:
            action = np.clip(policy.get_action(observation), -1, 1).astype(np.float32)
        observation, _ = step_both(ours, theirs, action)


def test_both_pads_pressing_is_seen() -> None:
    # The scripted policy lifts the puck; a push from one side alone is no touch.
    ours, theirs = pair("pick-place", "v2")
    observation = theirs.reset()[0]
    ours.simulation.reset()
    policy: Any = ENV_POLICY_MAP["pick-place-v3"]()
    seen = []
    for _ in range(80):
        action = np.clip(policy.get_action(observation), -1, 1)
        observation, _ = step_both(ours, theirs, action)
        seen.append((ours.simulation.touching_main_object, bool(theirs.touching_main_object)))
    assert {mine for mine, _ in seen} == {False, True}
    assert all(mine == other for mine, other in seen)


def test_errors_are_meta_worlds() -> None:
    ours, theirs = pair("reach", "v2")
    for env in (ours.simulation, theirs):
        with pytest.raises(AssertionError, match="Actions should be size 4"):
            env.step(np.zeros(3))
        env.curr_path_length = env.max_path_length
        with pytest.raises(ValueError, match="reset the env manually"):
            env.step(np.zeros(4))
        env._set_task_called = False
        with pytest.raises(RuntimeError, match="set_task"):
            env.step(np.zeros(4))
    ours, theirs = pair("reach", "v2")
    for env in (ours.simulation, theirs):
        env.curr_path_length = env.max_path_length - 1
    assert ours.step(np.zeros(4, dtype=np.float32))[3]
    assert theirs.step(np.zeros(4, dtype=np.float32))[3]


def test_the_goal_stays_hidden_where_meta_world_hides_it() -> None:
    ours, theirs = pair("push", "v2")
    for env in (ours.simulation, theirs):
        env._partially_observable = True
        env.__dict__.pop("sawyer_observation_space", None)
    observation, _ = step_both(ours, theirs, np.full(4, 0.5, dtype=np.float32))
    assert not observation[-3:].any()


def test_meta_world_itself_is_left_alone() -> None:
    fast = fast_class(push_module.SawyerPushEnvV3)
    assert fast is fast_class(push_module.SawyerPushEnvV3)
    assert fast.__mro__[1] is FastSawyerEnv
    assert push_module.np is np
    assert push_module.reward_utils is reward_utils
    assert push_module.Rotation is Rotation
    assert push_module.SawyerPushEnvV3.compute_reward.__globals__ is vars(push_module)
    assert sawyer_xyz_env.np is np
    assert sawyer_xyz_env.SawyerXYZEnv.step.__module__ == "metaworld.sawyer_xyz_env"
    assert np.linalg.norm is not numpy_stand_in.linalg.norm
    assert reward_utils.tolerance is not tolerance


def test_a_task_that_steps_in_its_own_way_is_refused() -> None:
    class Other(push_module.SawyerPushEnvV3):  # type: ignore[misc]
        pass

    Other.__module__ = push_module.__name__
    assert issubclass(fast_class(Other), Other)

    class Touching(push_module.SawyerPushEnvV3):  # type: ignore[misc]
        def touching_object(self, object_geom_id: int) -> bool:
            return True

    Touching.__module__ = push_module.__name__
    with pytest.raises(TypeError, match=r"no fast step for Touching: .*\['touching_object'\]"):
        fast_class(Touching)


def test_quaternions_are_scipys() -> None:
    random = np.random.default_rng(0)
    matrices = list(Rotation.random(3000, rng=random).as_matrix())
    # Half turns and quarter turns: the trace and the diagonal's entries tie or nearly do.
    turns = [0.0, 0.5 * np.pi, np.pi, -np.pi, -0.5 * np.pi, 2 * np.pi / 3, 1e-9]
    for a in turns:
        for b in turns:
            for c in turns:
                matrices.append(Rotation.from_euler("xyz", [a, b, c]).as_matrix())
                matrices.append(np.round(matrices[-1]) + 0.0)
    largest = {int(np.argmax([*np.diag(matrix), np.trace(matrix)])) for matrix in matrices}
    assert largest == {0, 1, 2, 3}
    for matrix in matrices:
        # Rounded matrices that are none any more are SciPy's to repair or refuse.
        try:
            expected = Rotation.from_matrix(matrix).as_quat()
        except ValueError:
            with pytest.raises(ValueError, match="Non-positive determinant"):
                RotationStandIn.from_matrix(matrix).as_quat()
            continue
        assert np.array_equal(RotationStandIn.from_matrix(matrix).as_quat(), expected)
    for broken in (1.01 * np.eye(3), np.eye(3) + 1e-4, np.eye(3)[None]):
        expected = Rotation.from_matrix(broken).as_quat()
        assert np.array_equal(RotationStandIn.from_matrix(broken).as_quat(), expected)
    with pytest.raises(ValueError, match="Non-positive determinant"):
        RotationStandIn.from_matrix(np.diag([1.0, 1.0, -1.0])).as_quat()


@pytest.mark.parametrize("sigmoid", ["long_tail", "gaussian", "hyperbolic", "linear", "quadratic"])
def test_tolerance_is_meta_worlds(sigmoid: Any) -> None:
    random = np.random.default_rng(1)
    for _ in range(1000):
        lower, width, margin, x = random.uniform(0, 0.5, 4)
        for bounds in ((0, width), (lower, lower + width), (0.0, 0.0), (x, x)):
            for m in (margin, np.float64(margin), 0.0, 1e-300, np.float32(margin)):
                for number in (float(x), np.float64(x), -float(x), 0):
                    arguments = {"bounds": bounds, "margin": m, "sigmoid": sigmoid}
                    with np.errstate(over="ignore"):
                        mine = tolerance(number, **arguments)
                        other = reward_utils.tolerance(number, **arguments)
                    assert mine == other
                    assert type(mine) is type(other) is float
    vector = np.array([0.1, 0.7])
    expected = reward_utils.tolerance(vector, (0, 0.2), 0.3, sigmoid)
    assert np.array_equal(tolerance(vector, (0, 0.2), 0.3, sigmoid), expected)
    expected = reward_utils.tolerance(np.nan, (0, 1), 0.3, sigmoid)
    assert np.array_equal(tolerance(np.nan, (0, 1), 0.3, sigmoid), expected, equal_nan=True)
    with pytest.raises(ValueError, match="must be non-negative"):
        tolerance(0.5, (0, 1), -0.1, sigmoid)
    with pytest.raises(ValueError, match="Lower bound"):
        tolerance(0.5, (1, 0), 0.1, sigmoid)


def test_small_arrays_are_numpys() -> None:
    random = np.random.default_rng(2)
    for _ in range(1000):
        vector, other = random.normal(size=(2, 3))
        strided = random.normal(size=(3, 5))[:, 2]
        single = np.float32(vector[0])
        for name, arguments, keywords in [
            ("norm", (vector,), {}),
            ("norm", (strided,), {}),
            ("norm", (vector[:2],), {"ord": 2}),
            ("norm", (vector,), {"ord": 1}),
            ("norm", (vector,), {"axis": 0}),
            ("norm", (vector[:2],), {"axis": -1}),
            ("norm", (vector,), {"keepdims": True}),
            ("norm", (vector.astype(np.float32),), {}),
            ("norm", (np.stack([vector, other]),), {"axis": 1}),
            ("norm", (vector[1],), {}),
            ("norm", (-2.5,), {}),
            ("clip", (vector[0], -1, 1), {}),
            ("clip", (single, -1, 1), {}),
            ("clip", (vector, -1, 1), {}),
            ("clip", (float(vector[0]), 0.0, 1.0), {}),
            ("clip", (vector[0],), {"a_min": -0.5, "a_max": 0.5}),
            ("hstack", ((vector[0], other[0]),), {}),
            ("hstack", ((vector, other[:2]),), {}),
            ("hstack", ([vector, 0.5],), {}),
            ("hstack", ((vector[None], other[None]),), {}),
        ]:
            real, mine = (np.linalg, numpy_stand_in.linalg) if name == "norm" else (np, None)
            result = getattr(mine or numpy_stand_in, name)(*arguments, **keywords)
            expected = getattr(real, name)(*arguments, **keywords)
            assert type(result) is type(expected), (name, arguments, keywords)
            assert np.asarray(result).dtype == np.asarray(expected).dtype
            assert np.array_equal(result, expected)


def test_meta_world_is_the_one_that_was_checked() -> None:
    assert importlib.metadata.version("metaworld") == METAWORLD_VERSION, HOW_TO_RECHECK
    members = [vars(sawyer_xyz_env.SawyerXYZEnv).get(name) for name in REPLACED]
    members += [vars(sawyer_xyz_env.SawyerMocapBase).get(name) for name in REPLACED]
    functions: list[Any] = [
        member.fget if isinstance(member, property) else member for member in members if member
    ]
    inner = inspect.getclosurevars(sawyer_xyz_env.SawyerXYZEnv.step).nonlocals["func"]
    functions += [inner, reward_utils.tolerance, reward_utils._sigmoids]
    source = "".join(inspect.getsource(function) for function in functions)
    assert hashlib.sha256(source.encode()).hexdigest()[:16] == SOURCE, HOW_TO_RECHECK
