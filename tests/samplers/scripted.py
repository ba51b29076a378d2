"""A policy whose actions follow from what it sees, and the loop that does without samplers."""

import numpy as np

from environments.task_env import INFO_KEYS
from tests.samplers.fake_task_set import OBSERVATION_SIZE, make_counting


def scripted_action(observation, task):
    """The action [A] at an observation [O] of a task."""
    walk = np.float32(observation[2])
    return np.array([np.sin(3 * walk + int(task)), np.cos(walk)], np.float32)


class ScriptedPolicy:
    """Acts by `scripted_action`; notes the resets it is told of and the rows it is asked for."""

    def __init__(self, weights=None):
        self.resets = []
        self.updates = []
        self.weights = weights or {}

    def get_actions(self, observations):
        tasks = observations[:, OBSERVATION_SIZE:].argmax(axis=1)
        assert (observations[:, OBSERVATION_SIZE:].sum(axis=1) == 1).all()
        actions = np.array(
            [scripted_action(row, task) for row, task in zip(observations, tasks, strict=True)]
        )
        infos = {"mean": -actions, "log_std": 0 * actions, "acting_policy": tasks + 10}
        return actions, infos

    def get_action(self, observation):
        actions, infos = self.get_actions(observation[None])
        return actions[0], {key: value[0] for key, value in infos.items()}

    def reset(self, do_resets=None):
        self.resets.append(do_resets)

    def get_param_values(self):
        return self.weights

    def set_param_values(self, weights):
        self.updates.append(weights)


def slow_loop(task, seed, n_steps, **options):
    """One task stepped alone: a list of dicts, one a step."""
    environment = make_counting(**options).make(task)
    observation, _ = environment.reset(seed=seed)
    steps = []
    for _ in range(n_steps):
        action = scripted_action(observation, task)
        following, reward, terminated, truncated, info = environment.step(action)
        steps.append(
            {
                "observation": np.asarray(observation, np.float32),
                "action": action,
                "next_observation": np.asarray(following, np.float32),
                "reward": np.float32(reward),
                "terminated": terminated,
                "truncated": truncated,
                "infos": np.array([info[key] for key in INFO_KEYS]),
            }
        )
        observation = following
        if terminated or truncated:
            observation, _ = environment.reset()
    return steps


def column(steps, key):
    """One key of `slow_loop`'s steps as an array [n, ...]."""
    return np.array([step[key] for step in steps])
