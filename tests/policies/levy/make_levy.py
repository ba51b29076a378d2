"""A LevyMixture of the small learner's tasks, and episodes for it to observe."""

import dataclasses

import numpy as np

from learning.garage_bridge.garage_compat import EpisodeBatch, StepType
from learning.policies.levy.levy_mixture import LevyMixture
from tests.small_learner import (
    ACTION_SIZE,
    N_TASKS,
    OBSERVATION_SIZE,
    SmallTaskSet,
    make_parts,
    make_policies,
    make_spec,
)

HORIZON = 150


def make_levy(
    *, near=None, critics=None, ratios=None, seed=0, longest=15, uniform_steps=0, **options
):
    """MT-Levy's defaults at horizon 150; with critics they choose the candidate."""
    if critics is not None:
        options["levy_candidate"] = "qswitch"
    parts = make_parts(
        make_policies(),
        critics,
        random=np.random.default_rng(seed),
        task_set=SmallTaskSet(),
        uniform_steps=uniform_steps,
    )
    mixture = LevyMixture(
        dataclasses.replace(parts, env_spec=make_spec(horizon=HORIZON)),
        LevyMixture.Options(neighbors="all", levy_cap=longest / HORIZON, **options),
    )
    assert mixture._longest == longest
    if near is not None:
        mixture._near = np.array(near, bool)
    if ratios is not None:
        mixture.success_ratios[:] = ratios
    return mixture


def make_episodes(episodes, jump_steps=None):
    """A batch of episodes of two steps: (task, success, ended) each."""
    n_steps = 2 * len(episodes)
    tasks, successes, ended = (np.repeat(column, 2) for column in zip(*episodes, strict=True))
    types = np.array([StepType.FIRST, StepType.MID] * len(episodes), dtype=object)
    # Some of the ends are the task's, some the time limit's.
    kinds = [(StepType.TERMINAL, StepType.TIMEOUT)[index % 2] for index in range(len(episodes))]
    types[1::2] = np.where(ended[1::2], np.array(kinds, dtype=object), StepType.MID)
    size = OBSERVATION_SIZE + N_TASKS
    return EpisodeBatch(
        env_spec=make_spec(),
        episode_infos={},
        observations=np.zeros((n_steps, size), np.float32),
        last_observations=np.zeros((len(episodes), size), np.float32),
        actions=np.zeros((n_steps, ACTION_SIZE), np.float32),
        rewards=np.zeros(n_steps, np.float32),
        env_infos={"task_id": tasks, "episode_success": successes.astype(float)},
        agent_infos={
            "jump_step": np.zeros(n_steps, int) if jump_steps is None else np.array(jump_steps)
        },
        step_types=types,
        lengths=np.full(len(episodes), 2),
    )
