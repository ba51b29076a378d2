"""Fragments of episodes as garage's batch, and step by step for slow loops."""

import dataclasses

import numpy as np

from learning.garage_bridge.env_infos import REWARDS_OF_ALL_TASKS, TASK_ID
from learning.garage_bridge.garage_compat import EnvSpec, EpisodeBatch, StepType, akro


@dataclasses.dataclass(kw_only=True)
class Fragment:
    """Steps n of one task, of an episode's beginning, middle or end.

    `observations` are [n + 1, O], without one-hots; `end` says how the last step ends, `first_step`
    which step of its episode the first one is.
    """

    task: int
    observations: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    end: StepType = StepType.MID
    first_step: int = 1
    all_rewards: np.ndarray | None = None

    def steps(self):
        """The transitions, a dict each, in float32 as they are stored."""
        n_steps = len(self.rewards)
        for step in range(n_steps):
            values = {
                "observation": self.observations[step],
                "next_observation": self.observations[step + 1],
                "action": self.actions[step],
                "reward": self.rewards[step],
                "terminal": step == n_steps - 1 and self.end == StepType.TERMINAL,
            }
            if self.all_rewards is not None:
                values["all"] = self.all_rewards[step]
            yield {key: np.asarray(value).astype(np.float32) for key, value in values.items()}

    def step_types(self):
        """FIRST, MIDs and what the last step is: `end`, whatever its place."""
        before = [StepType.FIRST, *[StepType.MID] * len(self.rewards)]
        return [*before[: len(self.rewards) - 1], self.end]


def make_fragment(rng, task, n_steps, *, n_tasks, observation_size, action_size, end=StepType.MID):
    """Random numbers; the task's own reward is among those of all tasks."""
    all_rewards = rng.normal(size=(n_steps, n_tasks))
    return Fragment(
        task=task,
        observations=rng.normal(size=(n_steps + 1, observation_size)),
        actions=rng.uniform(-1, 1, (n_steps, action_size)),
        rewards=all_rewards[:, task],
        end=end,
        all_rewards=all_rewards,
    )


def make_batch(fragments, n_tasks, *, with_all_rewards=False):
    """The garage batch of these fragments, in their order."""
    one_hots = np.eye(n_tasks, dtype=np.float32)[[fragment.task for fragment in fragments]]

    def joined(arrays):
        return np.concatenate([np.asarray(array, np.float32) for array in arrays])

    lengths = np.array([len(fragment.rewards) for fragment in fragments])
    observations = joined(fragment.observations[:-1] for fragment in fragments)
    last = np.array([fragment.observations[-1] for fragment in fragments])
    actions = joined(fragment.actions for fragment in fragments)
    env_infos = {TASK_ID: np.repeat([fragment.task for fragment in fragments], lengths)}
    env_infos["episode_length"] = joined(
        np.arange(len(fragment.rewards)) + fragment.first_step for fragment in fragments
    )
    if with_all_rewards:
        env_infos[REWARDS_OF_ALL_TASKS] = joined(fragment.all_rewards for fragment in fragments)
    size = observations.shape[1] + n_tasks
    return EpisodeBatch(
        env_spec=EnvSpec(
            akro.Box(low=-np.inf, high=np.inf, shape=(size,), dtype=np.float32),
            akro.Box(low=-np.inf, high=np.inf, shape=actions.shape[1:], dtype=np.float32),
            max_episode_length=1000,
        ),
        episode_infos={},
        observations=np.hstack((observations, np.repeat(one_hots, lengths, axis=0)), dtype="f4"),
        last_observations=np.hstack((last, one_hots), dtype="f4", casting="same_kind"),
        actions=actions,
        rewards=joined(fragment.rewards for fragment in fragments),
        env_infos=env_infos,
        agent_infos={},
        step_types=np.array(
            [kind for fragment in fragments for kind in fragment.step_types()], dtype=object
        ),
        lengths=lengths,
    )
