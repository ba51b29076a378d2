"""Returns of training's episodes and the factors that come of them, against slow loops."""

import math

import numpy as np
import pytest
import torch

from learning.algorithms.episode_returns import EpisodeReturns
from learning.algorithms.return_scale import ReturnScale, ReturnScaleParts, make_return_scale
from learning.algorithms.return_scale_options import ReturnScaleOptions
from learning.config.resolving import resolve
from learning.errors import ConfigError
from learning.garage_bridge.garage_compat import StepType
from tests.algorithms.batches import make_batch
from tests.replay import fragments
from tests.small_learner import N_TASKS, make_replay_buffer, make_sac

SIZES = {"n_tasks": N_TASKS, "observation_size": 4, "action_size": 2}
DISCOUNT, TARGET_ENTROPY, BOUND = 0.9, -1.5, 10.0
LOG_ALPHA = torch.tensor([[-1.0], [0.3], [0.0]])


def gather(rng, episodes):
    """Fragments of (task, steps, end, first step); rewards are of unlike sizes."""
    made = []
    for task, n_steps, end, first_step in episodes:
        fragment = fragments.make_fragment(rng, task, n_steps, **SIZES, end=end)
        fragment.first_step = first_step
        fragment.rewards = (fragment.rewards * (task + 1) - task).astype(np.float32)
        made.append(fragment)
    return made


MID, TERMINAL, TIMEOUT = StepType.MID, StepType.TERMINAL, StepType.TIMEOUT
COLLECTIONS = (
    # Task 0 terminates, and begins anew; tasks 1 and 2 go on.
    [(0, 4, TERMINAL, 1), (0, 2, MID, 1), (1, 6, MID, 1), (2, 6, MID, 1)],
    # Task 0 is cut by its time limit, task 2 terminates at the first step of this collection.
    [(0, 3, TIMEOUT, 3), (0, 3, TIMEOUT, 1), (1, 6, MID, 7), (2, 1, TERMINAL, 7), (2, 5, MID, 1)],
    # Task 2 begins anew without an end, as where a sampler leaves an episode: those steps are lost.
    [(0, 6, MID, 1), (1, 6, MID, 13), (2, 6, TIMEOUT, 1)],
)


def slow_returns(collections, task):
    """All returns of a task's whole episodes, a step after another, from the formula."""
    returns, episode = [], []
    for collection in collections:
        for fragment in collection:
            if fragment.task != task:
                continue
            if fragment.first_step == 1:
                episode = []
            episode += [float(reward) for reward in fragment.rewards]
            if fragment.end == MID:
                continue
            after = 0.0
            if fragment.end == TIMEOUT:
                after = sum(episode) / len(episode) / (1 - DISCOUNT)
            for start in range(len(episode)):
                rest = episode[start:]
                value = sum(DISCOUNT**t * reward for t, reward in enumerate(rest))
                returns.append(value + DISCOUNT ** len(rest) * after)
            episode = []
    return returns


def slow_factor(rule, returns, alpha):
    if not returns:
        return 1.0
    largest = max(abs(value) for value in returns)
    if rule == "brc":
        return 1 / ((largest - alpha * TARGET_ENTROPY / (2 * (1 - DISCOUNT))) / BOUND)
    mean = sum(returns) / len(returns)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in returns) / len(returns))
    return 1 / max(deviation, largest / BOUND)


def make_scale(rule):
    return make_return_scale(
        ReturnScaleOptions(return_scale=rule),
        ReturnScaleParts(
            n_tasks=N_TASKS,
            discount=DISCOUNT,
            target_entropy=TARGET_ENTROPY,
            bound=BOUND,
            device=torch.device("cpu"),
        ),
    )


@pytest.mark.parametrize("rule", ["brc", "std"])
@pytest.mark.parametrize("anew", [False, True])
def test_factors_are_those_of_a_slow_loop(rule, anew):
    rng, scale, gathered = np.random.default_rng(0), make_scale(rule), []
    for episodes in COLLECTIONS:
        gathered.append(gather(rng, episodes))
        scale.observe(fragments.make_batch(gathered[-1], N_TASKS))
        if anew:
            state, scale = scale.get_state(), make_scale(rule)
            scale.set_state(state)
        factors = scale.factors(LOG_ALPHA)
        assert factors.shape == (N_TASKS, 1)
        for task in range(N_TASKS):
            expected = slow_factor(rule, slow_returns(gathered, task), LOG_ALPHA[task].exp().item())
            assert factors[task].item() == pytest.approx(expected, rel=1e-5)
    assert not slow_returns(gathered, 1), "a task whose episode never ends was to be among them"
    assert len(slow_returns(gathered, 0)) == 4 + 5 + 3
    assert len(slow_returns(gathered, 2)) == 7 + 6


def test_an_episode_by_hand():
    """Rewards 1, 2 at gamma 0.5: 2 and 3 where it terminated; its mean bootstraps 3 otherwise."""
    for end, expected in ((TERMINAL, (2.0, 2.0)), (TIMEOUT, (3.5, 2.75))):
        returns = EpisodeReturns(N_TASKS, discount=0.5)
        fragment = fragments.make_fragment(np.random.default_rng(0), 1, 2, **SIZES, end=end)
        fragment.rewards = np.array([1.0, 2.0], np.float32)
        returns.observe(fragments.make_batch([fragment], N_TASKS))
        assert returns.counts.tolist() == [0, 2, 0]
        assert (returns.largest[1], returns.smallest[1]) == (max(expected), min(expected))
        assert returns.standard_deviations[1] == pytest.approx(abs(expected[0] - expected[1]) / 2)


def test_zeros_keep_their_scale():
    for rule in ("brc", "std"):
        scale = make_scale(rule)
        fragment = fragments.make_fragment(np.random.default_rng(0), 0, 5, **SIZES, end=TIMEOUT)
        fragment.rewards = np.zeros(5, np.float32)
        scale.observe(fragments.make_batch([fragment], N_TASKS))
        assert scale.factors(LOG_ALPHA).flatten().tolist() == [1.0] * N_TASKS


def test_ars_goes_by_mean_rewards_when_the_networks_are_set_anew():
    scale, buffer = make_scale("ars"), make_replay_buffer(capacity=4)
    assert scale.factors(LOG_ALPHA).flatten().tolist() == [1.0] * N_TASKS
    rows = np.zeros((6, 12), np.float32)
    for task, rewards in enumerate(([9, 9, 1, 2, 3, 2], [-1, -1, -1, -1], [0, 0, 0])):
        rows[: len(rewards), 10] = rewards
        buffer.add_rows(task, rows[: len(rewards)])
    np.testing.assert_allclose(buffer.mean_rewards(), [2.0, -1.0, 0.0])
    scale.renew(buffer)
    assert scale.factors(LOG_ALPHA).flatten().tolist() == [1.0, 2.0, 1.0]
    other = make_scale("ars")
    other.set_state(scale.get_state())
    assert torch.equal(other.factors(LOG_ALPHA), scale.factors(LOG_ALPHA))


def test_a_batch_is_scaled_and_the_store_is_not():
    class Doubled(ReturnScale):
        def factors(self, log_alpha):
            return torch.tensor([[2.0], [0.5], [3.0]])

    rng = np.random.default_rng(0)
    rows = [rng.normal(size=(9, 12)).astype(np.float32) for _ in range(N_TASKS)]
    sacs = [make_sac(return_scale=Doubled()), make_sac()]
    for sac, factors in zip(sacs, ((1.0, 1.0, 1.0), (2.0, 0.5, 3.0)), strict=True):
        for task in range(N_TASKS):
            own = rows[task].copy()
            own[:, 10] *= factors[task]
            sac.replay_buffer.add_rows(task, own)
        sac.train_once()
    for ours, theirs in zip(*(sac.critics.parameters() for sac in sacs), strict=True):
        torch.testing.assert_close(ours, theirs)
    stored = sacs[0].replay_buffer.rows_since(np.zeros(N_TASKS, np.int64)).rows
    np.testing.assert_array_equal(stored, np.concatenate(rows))
    columns = sacs[0].read_statistics()
    assert columns["ReturnScale/task-1"] == 0.5
    assert columns["ReturnScale/mean"] == pytest.approx(5.5 / 3)
    assert not any(name.startswith("ReturnScale") for name in sacs[1].read_statistics())


def test_none_hands_the_very_batch_on():
    batch = make_batch(np.random.default_rng(0))
    assert make_scale("none").scaled(batch, LOG_ALPHA) is batch


def test_no_discount_is_refused():
    with pytest.raises(ConfigError, match="return_scale = 'brc' with discount = 1"):
        resolve("dnc_sac", "JacoReachMT5-v1", return_scale="brc", discount=1.0)
