"""Networks that begin anew are new ones, and the replay buffer stays."""

import numpy as np
import pytest
import torch

from learning.algorithms.return_scale import ReturnScale
from learning.config.resolving import resolve
from learning.errors import ConfigError
from tests.algorithms.batches import make_batch
from tests.algorithms.slow_sac import assert_same_networks
from tests.algorithms.test_training_loop import Loop
from tests.small_learner import make_critics, make_network_resets, make_policies, make_sac

CATEGORICAL = {"critic": "categorical", "critic_atoms": 11, "return_bound": 2.0}


def fresh(number):
    """Networks with the weights of reset `number`."""
    critics = make_critics(seed=200 + number, **CATEGORICAL)
    return make_policies(100 + number, n_blocks=1).architecture, critics.architecture


@pytest.mark.parametrize(
    ("n_resets", "n_epochs", "epochs"),
    [(0, 5, []), (1, 5, [2]), (4, 10, [2, 4, 6, 8]), (4, 5, [1, 2, 3, 4]), (2, 1000, [333, 666])],
)
def test_they_are_at_equal_distances(n_resets, n_epochs, epochs):
    assert make_network_resets(n_resets, n_epochs).epochs == epochs


class Noting(ReturnScale):
    """Notes that it was renewed."""

    n_renewed = 0

    def renew(self, replay_buffer):
        self.n_renewed += 1


def make_trained(n_resets=1, **options):
    resets = make_network_resets(n_resets, n_epochs=2 * (n_resets + 1), fresh=fresh)
    policies, critics = make_policies(n_blocks=1), make_critics(**CATEGORICAL)
    sac = make_sac(policies, critics, network_resets=resets, return_scale=Noting(), **options)
    rng = np.random.default_rng(0)
    for _ in range(3):
        sac.optimize_policy(make_batch(rng))
        sac._update_targets()
        sac.n_updates += 1
    return sac, resets


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_what_begins_anew_learns_as_a_new_one_does(weight_decay):
    sac, resets = make_trained(weight_decay=weight_decay)
    held = [id(parameter) for network in sac.networks for parameter in network.parameters()]
    before = [parameter.detach().clone() for parameter in sac.policy.parameters()]
    resets.begin_epoch(1, sac)
    for ours, old in zip(sac.policy.parameters(), before, strict=True):
        assert torch.equal(ours, old), "it is not yet time"
    resets.begin_epoch(2, sac)
    assert held == [id(each) for network in sac.networks for each in network.parameters()]
    assert sac.return_scale.n_renewed == 1
    policies, critics = make_policies(101, n_blocks=1), make_critics(seed=201, **CATEGORICAL)
    new = make_sac(policies, critics, weight_decay=weight_decay)
    assert_same_networks(sac, new)
    new.noise.set_state(sac.noise.get_state())
    for seed in range(3):
        for each in (sac, new):
            each.optimize_policy(make_batch(np.random.default_rng(seed)))
            each._update_targets()
    assert_same_networks(sac, new)
    for ours, theirs in zip(sac.policy.parameters(), new.policy.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_the_loop_begins_anew_with_an_epoch_and_keeps_the_buffer():
    seen = []

    def noted(number):
        seen.append((number, sac.replay_buffer.added.tolist(), sac.n_updates))
        return fresh(number)

    resets = make_network_resets(2, n_epochs=6, fresh=noted)
    sac = make_sac(make_policies(n_blocks=1), make_critics(**CATEGORICAL), network_resets=resets)
    sac.train(Loop(sac, n_epochs=6))
    added = sac.replay_buffer.added.tolist()
    assert [each[0] for each in seen] == [1, 2]
    assert [each[2] for each in seen] == [2, 4]
    assert added == [number + 4 for number in seen[1][1]]


def test_networks_that_have_learned_nothing_yet_are_new_still():
    sac, resets = make_trained()
    sac.n_updates = 0
    before = [parameter.detach().clone() for parameter in sac.policy.parameters()]
    resets.begin_epoch(2, sac)
    for ours, old in zip(sac.policy.parameters(), before, strict=True):
        assert torch.equal(ours, old)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resets": 5, "n_epochs": 5}, "allowed is less than n_epochs"),
        ({"return_scale": "ars"}, "return_scale = 'ars' without resets"),
    ],
)
def test_what_could_never_be_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        resolve("dnc_sac", "JacoReachMT5-v1", **options)
