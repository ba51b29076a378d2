"""CARE's encoder and networks behind it, small, for the tests."""

import numpy as np
import torch

from environments import TaskKnowledge
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.table import ARCHITECTURES, CRITIC_ARCHITECTURES
from learning.objectives.objective import Objective
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.q_functions.critic_options import CriticOptions
from learning.q_functions.twin_critics import TwinCritics
from learning.state_encoders.care import CareEncoder
from learning.state_encoders.care_options import CareOptions
from learning.state_encoders.encoded import EncodedArchitecture
from learning.state_encoders.state_encoder import StateEncoderSpec
from tests.small_learner import (
    ACTION_SIZE,
    N_TASKS,
    OBSERVATION_SIZE,
    make_names,
    make_objective,
    make_sac,
    make_spec,
)

EMBEDDINGS = np.random.default_rng(5).normal(size=(N_TASKS, 4)).astype(np.float32)
CONTEXTS = {
    "task_set": {},
    "learned": {"care_context": "learned"},
    "one_hot": {"care_context": "one_hot"},
    "given": {"care_embeddings": tuple(map(float, EMBEDDINGS[::-1].ravel())), "care_experts": 2},
}
TRUNKS = {**ARCHITECTURES, **CRITIC_ARCHITECTURES}


def make_encoder(*, seed=0, n_tasks=N_TASKS, **options):
    spec = StateEncoderSpec(
        n_tasks=n_tasks,
        observation_size=OBSERVATION_SIZE,
        options=CareOptions(**{"care_experts": 3, "care_width": 5} | options),
        tasks=TaskKnowledge(names=make_names(n_tasks), embeddings=EMBEDDINGS),
    )
    generator = torch.Generator().manual_seed(seed)
    encoder = CareEncoder(spec, generator)
    draw_biases(encoder, generator)
    return encoder


def draw_biases(module, generator):
    """Let no bias be zero, so that a test sees where it goes."""
    with torch.no_grad():
        for key, parameter in module.named_parameters():
            if key.endswith("bias"):
                parameter.normal_(0.0, 0.3, generator=generator)


def make_encoded(part, trunk="shared", *, seed=0, hidden_sizes=(8, 8), **options):
    """The network of the policies or of the critics behind an encoder."""
    is_policy = part == "policy"
    member = TRUNKS[trunk]
    spec = ArchitectureSpec(
        n_tasks=N_TASKS,
        n_groups=1 if is_policy else 2,
        input_size=OBSERVATION_SIZE + (0 if is_policy else ACTION_SIZE),
        output_sizes=(ACTION_SIZE, ACTION_SIZE) if is_policy else (1,),
        initializer="xavier_uniform" if is_policy else "xavier_normal",
        options=member.options(hidden_sizes=hidden_sizes),
        tasks=TaskKnowledge(names=make_names(N_TASKS)),
    )
    generator = torch.Generator().manual_seed(seed)
    encoded = EncodedArchitecture(
        spec,
        generator,
        encoder=make_encoder(seed=seed + 100, **options),
        trunk=member.load(),
        is_policy=is_policy,
    )
    draw_biases(encoded.trunk, generator)
    return encoded


def make_encoded_sac(policy="shared", critics=None, *, objective=Objective, sac=None, **options):
    """A MultiTaskSAC whose policies and critics have CARE's encoder; seeds differ."""
    policies = TanhGaussianPolicies(
        make_spec(),
        make_encoded("policy", policy, seed=1, **options),
        random=np.random.default_rng(0),
    )
    twins = TwinCritics(make_encoded("critics", critics or policy, seed=2, **options), _LINEAR)
    return make_sac(policies, twins, objective=make_objective(objective, policies), **(sac or {}))


_LINEAR = CriticOptions()


def part_of(name):
    """Which part of CARE's encoder or of what is behind it a parameter is of."""
    words = name.removeprefix("encoder.").split(".")
    return words[0]
