"""An update with other critics and policies than plain ones, against one task after another."""

import numpy as np
import pytest
import torch

from learning.policies.policy_options import PolicyOptions
from tests.algorithms.batches import make_batch
from tests.algorithms.slow_sac import SlowSAC, assert_same_networks, noise_of
from tests.small_learner import make_critics, make_policies, make_sac

CATEGORICAL = {"critic": "categorical", "critic_atoms": 21, "return_bound": 5.0}


class SlowCategoricalSAC(SlowSAC):
    """Distributions of returns in place of values; the atoms' weights are found one by one."""

    atoms = torch.linspace(-5.0, 5.0, 21)

    def logits(self, critics, task, observations, actions):
        everyone = torch.zeros(2, self.n_tasks, len(actions), 6)
        everyone = torch.cat(
            (everyone[:, :task], torch.cat((observations, actions), -1).expand(2, 1, -1, -1),
             everyone[:, task + 1 :]),
            dim=1,
        )  # fmt: skip
        outputs = critics.architecture(everyone.flatten(0, 1))
        return outputs.view(2, self.n_tasks, len(actions), -1)[:, task]

    def q(self, critics, task, observations, actions):
        probabilities = self.logits(critics, task, observations, actions).softmax(-1)
        mean = (probabilities.mean(dim=0) * self.atoms).sum(-1)
        # The base takes the smaller of two.
        return torch.stack((mean, mean))

    def critic_loss(self, task, batch, noise, reward_scale=2.0):
        with torch.no_grad():
            actions, log_prob = self.act(task, batch.next_observations[task], noise[task])
            ahead = self.logits(
                self.sac.target_critics, task, batch.next_observations[task], actions
            )
            ahead = ahead.softmax(-1).mean(dim=0)
            goals = torch.zeros(len(actions), 21)
            for at in range(len(actions)):
                for place, probability in zip(self.atoms, ahead[at], strict=True):
                    going_on = self.discount * (1 - batch.terminated[task, at])
                    soft = place - self.alpha(task).exp() * log_prob[at]
                    there = batch.rewards[task, at] * reward_scale + going_on * soft
                    nearness = 1 - (there.clamp(-5, 5) - self.atoms).abs() / 0.5
                    goals[at] += probability * nearness.clamp(min=0)
        logits = self.logits(self.sac.critics, task, batch.observations[task], batch.actions[task])
        return sum(torch.nn.functional.cross_entropy(each, goals) for each in logits)


@pytest.mark.parametrize("name", ["separate", "multihead", "shared"])
@pytest.mark.parametrize("critic", ["normalized", "categorical"])
def test_an_update_equals_a_slow_one(name, critic):
    options = CATEGORICAL if critic == "categorical" else {"critic": critic}
    slow_sac = SlowCategoricalSAC if critic == "categorical" else SlowSAC
    sacs = [
        make_sac(make_policies(name=name, n_blocks=1), make_critics(name=name, **options))
        for _ in range(2)
    ]
    ours, slow = sacs[0], slow_sac(sacs[1])
    rng = np.random.default_rng(0)
    for _ in range(2):
        batch = make_batch(rng)
        noise = noise_of(ours, batch)
        ours.optimize_policy(batch)
        ours._update_targets()
        slow.update(batch, noise)
    assert_same_networks(*sacs)


@pytest.mark.parametrize("critic", ["normalized", "categorical"])
def test_bf16_keeps_weights_and_losses_in_float32(critic):
    options = CATEGORICAL if critic == "categorical" else {"critic": critic}
    losses = []
    for precision in ("float32", "bf16"):
        sac = make_sac(make_policies(n_blocks=1), make_critics(**options), precision=precision)
        losses.append(sac.optimize_policy(make_batch(np.random.default_rng(0))))
        for network in sac.networks:
            assert all(parameter.dtype == torch.float32 for parameter in network.parameters())
    for exact, rough in zip(*losses, strict=True):
        assert rough.dtype == torch.float32
        assert not torch.equal(rough, exact), "bf16 changed nothing: it is not in use"
        torch.testing.assert_close(rough, exact, rtol=0.1, atol=0.1)


def test_the_range_of_standard_deviations_may_begin_higher():
    options = PolicyOptions(log_std_bound="tanh", log_std_min=-10.0)
    policies = make_policies(options=options)
    outputs = torch.tensor([[0.3, -50.0], [0.3, 0.0], [0.3, 50.0]])
    mean, log_std = policies.split(outputs)
    torch.testing.assert_close(mean, torch.full((3, 1), 0.3))
    torch.testing.assert_close(log_std, torch.tensor([[-10.0], [-4.0], [2.0]]))
    clamped = make_policies(options=PolicyOptions(log_std_min=-10.0)).split(outputs)[1]
    torch.testing.assert_close(clamped, torch.tensor([[-10.0], [0.0], [2.0]]))
