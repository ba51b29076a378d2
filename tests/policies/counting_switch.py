"""A Q-switch for the counting task set of the samplers' tests."""

import numpy as np
import torch

from learning.architectures import build_architecture
from learning.policies.q_switch import QSwitch
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.q_functions.twin_critics import TwinCritics
from learning.samplers.garage_environment import make_env_spec
from tests.samplers.fake_task_set import make_counting


def make_counting_switch(n_tasks=3):
    task_set = make_counting(n_tasks=n_tasks)
    spec = make_env_spec(task_set)

    def network(n_groups, input_size, output_sizes):
        return build_architecture(
            "separate",
            n_tasks=n_tasks,
            n_groups=n_groups,
            input_size=input_size,
            output_sizes=output_sizes,
            hidden_sizes=(8, 8),
            initializer="xavier_uniform",
            generator=torch.Generator().manual_seed(n_groups),
        )

    return QSwitch(
        spec,
        policies=TanhGaussianPolicies(spec, network(1, 3, (2, 2)), random=np.random.default_rng(0)),
        critics=TwinCritics(network(2, 5, (1,))),
        score="mean_q1",
        random=np.random.default_rng(1),
    )
