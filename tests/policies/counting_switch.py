"""A Q-switch for the counting task set of the samplers' tests."""

import numpy as np

from learning.policies.mixture_policy import MixtureParts
from learning.policies.q_switch import QSwitch
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.q_functions.critic_options import CriticOptions
from learning.q_functions.twin_critics import TwinCritics
from learning.samplers.garage_environment import make_env_spec
from tests.samplers.fake_task_set import make_counting
from tests.small_learner import make_architecture


def make_counting_parts(n_tasks=3):
    """What a mixture of the counting tasks is built from."""
    task_set = make_counting(n_tasks=n_tasks)
    spec = make_env_spec(task_set)

    def network(n_groups, input_size, output_sizes):
        return make_architecture(
            input_size,
            output_sizes,
            n_tasks=n_tasks,
            n_groups=n_groups,
            hidden_sizes=(8, 8),
            seed=n_groups,
        )

    return MixtureParts(
        env_spec=spec,
        task_set=task_set,
        policies=TanhGaussianPolicies(spec, network(1, 3, (2, 2)), random=np.random.default_rng(0)),
        critics=TwinCritics(network(2, 5, (1,)), CriticOptions()),
        random=np.random.default_rng(1),
    )


def make_counting_switch(n_tasks=3):
    return QSwitch(make_counting_parts(n_tasks), QSwitch.Options(qswitch_score="mean_q1"))
