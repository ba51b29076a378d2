"""Time limits bootstrap and terminations do not, all the way from environment to critic.

Two states, left and right, alternate; every step pays 1; the discount is 0.5. Task 0 ends on
leaving the right state: Q(right) = 1, Q(left) = 1 + 0.5 * 1 = 1.5. Task 1 is the same but is only
cut off there by its time limit: Q = 1 / (1 - 0.5) = 2 in both.
"""

import numpy as np
import pytest
import torch
from gymnasium.spaces import Box

from environments.task_env import ResumableEnv
from environments.task_set import TaskSet
from learning.algorithms.multi_task_sac import MultiTaskSAC, SACParts
from learning.algorithms.return_scale import ReturnScaleParts, make_return_scale
from learning.algorithms.return_scale_options import ReturnScaleOptions
from learning.objectives.objective import Objective
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.q_functions.critic_options import CriticOptions
from learning.q_functions.making import make_critics
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.samplers.garage_environment import make_env_spec
from learning.samplers.local_sampler import LocalTaskSampler
from learning.samplers.lock_step_sampler import LockStepSampler
from learning.samplers.vector_environment import VectorEnvironment
from tests.small_learner import (
    make_architecture,
    make_data_sharing,
    make_network_resets,
    make_objective,
)


class AlternatingEnv(ResumableEnv):
    def __init__(self, *, terminates):
        self.observation_space = Box(-1.0, 1.0, (1,), np.float64)
        self.action_space = Box(-1.0, 1.0, (1,), np.float32)
        self._terminates = terminates

    def begin_episode(self):
        self._state = -1.0
        return np.array([self._state])

    def step(self, action):
        terminated = self._terminates and self._state == 1.0
        self._state = -self._state
        return np.array([self._state]), 1.0, terminated, False, {"success": 0.0}


class AlternatingTaskSet(TaskSet):
    def __init__(self, task_set_id, options):
        super().__init__(task_set_id, options)
        self.task_names = ("terminates", "cut-off")
        self.observation_space = Box(-1.0, 1.0, (1,), np.float64)
        self.action_space = Box(-1.0, 1.0, (1,), np.float32)
        self.max_episode_steps = 2
        self.has_subgoals = False
        self.success_rule = "never"
        self.min_reward = (None, None)

    def _make_task(self, task):
        return AlternatingEnv(terminates=task == 0)


def make_alternating(task_set_id="Alternating-v0"):
    return AlternatingTaskSet(task_set_id, {})


@pytest.mark.parametrize(
    ("sampler_name", "critic", "rule"),
    [
        ("lockstep", "plain", "none"),
        ("local", "plain", "none"),
        ("lockstep", "categorical", "brc"),
        ("local", "normalized", "std"),
    ],
)
def test_values_of_two_states(sampler_name, critic, rule):
    task_set = make_alternating()
    spec = make_env_spec(task_set)

    def network(n_groups, input_size, output_sizes, n_blocks=None):
        return make_architecture(
            input_size,
            output_sizes,
            n_tasks=2,
            n_groups=n_groups,
            hidden_sizes=(16,),
            n_blocks=n_blocks,
        )

    policies = TanhGaussianPolicies(spec, network(1, 1, (1, 1)), random=np.random.default_rng(0))
    options = CriticOptions(critic=critic)
    critics = make_critics(network(2, 2, (options.output_size,), options.n_blocks), options)
    scale = make_return_scale(
        ReturnScaleOptions(return_scale=rule),
        ReturnScaleParts(
            n_tasks=2, discount=0.5, target_entropy=-1.0, bound=10.0, device=torch.device("cpu")
        ),
    )
    if sampler_name == "lockstep":
        environment = VectorEnvironment(
            "Alternating-v0", {}, n_workers=0, task_set_factory=make_alternating
        )
        sampler = LockStepSampler(policies, environment, env_spec=spec, seeds=[0, 1])
    else:
        sampler = LocalTaskSampler(
            policies, "Alternating-v0", {}, seeds=[0, 1], task_set_factory=make_alternating
        )
    buffer = MultiTaskReplayBuffer(
        n_tasks=2,
        observation_size=1,
        action_size=1,
        capacity=1000,
        random=np.random.default_rng(1),
    )
    sac = MultiTaskSAC(
        SACParts(
            env_spec=spec,
            task_names=task_set.task_names,
            policy=policies,
            exploration_policy=policies,
            critics=critics,
            replay_buffer=buffer,
            data_sharing=make_data_sharing(),
            sampler=sampler,
            return_scale=scale,
            network_resets=make_network_resets(),
            objective=make_objective(Objective, policies),
            noise=torch.Generator().manual_seed(2),
            reset_noise=torch.Generator().manual_seed(5),
            device=torch.device("cpu"),
        ),
        MultiTaskSAC.Options(
            gradient_steps_per_itr=2,
            min_buffer_size=10,
            buffer_batch_size=64,
            lr=1e-2,
            discount=0.5,
            target_update_tau=0.1,
            target_entropy=-1.0,
            # So small that the entropy's part of the value does not show.
            initial_alpha=1e-9,
            reward_scale=1.0,
            steps_per_epoch=1,
        ),
    )
    gathered = sampler.obtain_samples(0, 400, None)
    scale.observe(gathered)
    buffer.add_episodes(gathered)
    sampler.shutdown_worker()
    for _ in range(400):
        sac.train_once()
    states = torch.tensor([[[-1.0], [1.0]]] * 2)
    values = critics(states, torch.zeros(2, 2, 1)).detach()
    if rule != "none":
        # Returns are 1.5 and 1 where the task ends and 2 and 2 where it is cut off: brc brings the
        # largest to 10, and standard deviations are 1/4 and none, so that std has 2 / 10 for them.
        factors = scale.factors(sac.log_alpha.unsqueeze(-1)).detach()
        expected = {"brc": [[10 / 1.5], [5.0]], "std": [[4.0], [5.0]]}
        torch.testing.assert_close(factors, torch.tensor(expected[rule]), rtol=1e-4, atol=0.0)
        values = values / factors
    values = values.numpy()
    for group in range(2):
        np.testing.assert_allclose(values[group, 0], [1.5, 1.0], atol=0.06)
        np.testing.assert_allclose(values[group, 1], [2.0, 2.0], atol=0.06)
