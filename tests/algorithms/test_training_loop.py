"""The loop of the algorithm: what is done in an epoch, in which order, and what its row holds."""

import numpy as np
import pytest
import torch

from learning.algorithms.training_loop import Evaluation
from learning.errors import ConfigError, DivergenceError
from learning.logging.phase_clock import PhaseClock
from tests.replay.fragments import make_batch, make_fragment
from tests.small_learner import (
    ACTION_SIZE,
    N_TASKS,
    OBSERVATION_SIZE,
    TASK_NAMES,
    make_sac,
)

SIZES = {"n_tasks": N_TASKS, "observation_size": OBSERVATION_SIZE, "action_size": ACTION_SIZE}


class Loop:
    """Notes what is asked of it; gathers random steps, at first as many as are asked for."""

    def __init__(self, sac, n_epochs, batch_size=2 * N_TASKS):
        self.clock = PhaseClock(torch.device("cpu"))
        self.calls, self.rows = [], []
        self._sac, self._n_epochs, self._batch_size = sac, n_epochs, batch_size
        self._rng = np.random.default_rng(0)

    def step_epochs(self):
        for epoch in range(self._n_epochs):
            yield epoch
            self.calls.append("end")

    def obtain_episodes(self, itr, batch_size=None):
        self.calls.append(("collect", itr, batch_size, self._sac.n_updates))
        n_steps = (batch_size or self._batch_size) // N_TASKS
        fragments = [make_fragment(self._rng, task, n_steps, **SIZES) for task in range(N_TASKS)]
        return make_batch(fragments, N_TASKS)

    def evaluate(self, epoch):
        self.calls.append(("evaluate", self._sac.n_updates))
        average_return = 10.0 * epoch if epoch % 2 else np.nan
        return Evaluation(columns={"Evaluation/SuccessRate": 0.5}, average_return=average_return)

    def record(self, epoch, columns):
        self.calls.append(("record", epoch))
        self.rows.append(columns)


class Noting:
    """An objective that notes where it is called at an epoch's end."""

    def __init__(self, base, loop_calls):
        self._base, self._calls = base, loop_calls

    def __getattr__(self, name):
        return getattr(self._base, name)

    def end_epoch(self, epoch, policies, replay_buffer):
        self._calls.append(("objective", epoch, replay_buffer.added.tolist()))


def test_the_order_of_an_epoch():
    """Two steps an epoch, each with two updates once every task has its minimum of five steps."""
    sac = make_sac(gradient_steps_per_itr=2 * N_TASKS, min_buffer_size=5, steps_per_epoch=2)
    loop = Loop(sac, n_epochs=2)
    sac.objective = Noting(sac.objective, loop.calls)
    assert sac.train(loop) == 10.0
    assert loop.calls == [
        ("collect", 0, 5 * N_TASKS, 0),
        ("collect", 0, None, 2),
        ("evaluate", 4),
        ("objective", 0, [7] * N_TASKS),
        ("record", 0),
        "end",
        ("collect", 1, None, 4),
        ("collect", 1, None, 6),
        ("evaluate", 8),
        ("objective", 1, [11] * N_TASKS),
        ("record", 1),
        "end",
    ]
    # What was gathered has been counted by who gathered it.
    assert int(sac.exploration_policy.acting_values["env_steps"]) == 11 * N_TASKS


def test_more_updates_after_the_first_collection():
    """Three once every task has its minimum, then one a step."""
    sac = make_sac(
        gradient_steps_per_itr=N_TASKS, first_gradient_steps=3 * N_TASKS, min_buffer_size=5
    )
    loop = Loop(sac, n_epochs=3)
    sac.train(loop)
    assert [row["Updates"] for row in loop.rows] == [3, 4, 5]


def test_gradients_are_cut_to_one_length():
    sac = make_sac(max_grad_norm=1e-3)
    fill = np.random.default_rng(0).normal(size=(N_TASKS, 20, 12)).astype(np.float32)
    for task in range(N_TASKS):
        sac.replay_buffer.add_rows(task, fill[task])
    free = make_sac()
    free.replay_buffer.restore(
        [sac.replay_buffer.rows_since(np.zeros(N_TASKS, np.int64))], np.full(N_TASKS, 20)
    )
    for each in (sac, free):
        each.train_once()
    for cut, whole in ((sac.policy, free.policy), (sac.critics, free.critics)):
        gradients = [
            torch.cat([p.grad.flatten() for p in net.parameters()]) for net in (cut, whole)
        ]
        assert float(gradients[0].norm()) == pytest.approx(1e-3, rel=1e-3)
        assert float(gradients[1].norm()) > 1e-2
    # The critics' gradients, taken first, have the direction that they had.
    torch.testing.assert_close(
        gradients[0] / gradients[0].norm(), gradients[1] / gradients[1].norm(), rtol=1e-3, atol=1e-5
    )


def test_the_columns_of_a_row():
    sac = make_sac()
    loop = Loop(sac, n_epochs=1)
    assert np.isnan(sac.train(loop))
    (row,) = loop.rows
    losses = ("Policy/Loss", "QF/Qf1Loss", "QF/Qf2Loss", "AlphaTemperature")
    expected = [f"{key}/{name}" for key in losses for name in ("mean", *TASK_NAMES)]
    others = ["Evaluation/SuccessRate", "Updates", "ReplayBuffer/buffer_size"]
    assert sorted(row) == sorted([*expected, *others])
    for key, values in zip(losses, (*sac.losses, sac.log_alpha.exp()), strict=True):
        by_task = [row[f"{key}/{name}"] for name in TASK_NAMES]
        assert by_task == pytest.approx(values.tolist())
        assert row[f"{key}/mean"] == pytest.approx(np.mean(by_task))
    # The first collection was for the minimum of one step a task.
    assert (row["Updates"], row["ReplayBuffer/buffer_size"]) == (1, N_TASKS)
    assert all(type(value) in (int, float) for value in row.values())


def test_a_collection_that_fills_no_minimum_is_followed_by_another():
    """A sampler may gather less than was asked for; until then losses are NaN and no error."""
    sac = make_sac(min_buffer_size=5)
    loop = Loop(sac, n_epochs=3)
    obtain = loop.obtain_episodes
    loop.obtain_episodes = lambda itr, batch_size=None: obtain(itr, batch_size and 2 * N_TASKS)
    sac.train(loop)
    assert [row["Updates"] for row in loop.rows] == [0, 0, 1]
    assert [bool(np.isnan(row["Policy/Loss/mean"])) for row in loop.rows] == [True, True, False]


def test_training_that_has_diverged_ends_before_its_row():
    sac = make_sac()
    loop = Loop(sac, n_epochs=2)
    sac.replay_buffer.add_rows(1, np.full((40, 12), np.inf, np.float32))
    with pytest.raises(DivergenceError, match="task-1"):
        sac.train(loop)
    assert loop.rows == []
    assert "end" not in loop.calls


def test_options_that_do_not_go_together_or_are_out_of_range():
    with pytest.raises(ConfigError, match=r"actor_steps = 9: .*at most buffer_batch_size = 8"):
        make_sac(actor_steps=9)
    for name, value in (("lr", 0.0), ("discount", 1.1), ("temperature", "both"), ("alpha_lr", 0)):
        with pytest.raises(ConfigError, match=f"{name} = {value!r}"):
            make_sac(**{name: value})
