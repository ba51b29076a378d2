"""An update of networks that share equals the sum of the tasks' losses, a task after another."""

import numpy as np
import pytest
import torch

from tests.algorithms.batches import make_batch
from tests.algorithms.slow_sac import SlowSAC, assert_same_networks, noise_of
from tests.small_learner import N_TASKS, make_critics, make_policies, make_sac


@pytest.mark.parametrize("temperature", ["per_task", "single"])
@pytest.mark.parametrize(
    ("policy", "critics"),
    [("multihead", "multihead"), ("shared", "shared"), ("multihead", "separate"),
     ("separate", "multihead"), ("separate", "decaf")],
)  # fmt: skip
def test_updates_equal_the_slow_ones(policy, critics, temperature):
    def make():
        return make_sac(
            make_policies(name=policy),
            make_critics(name=critics),
            temperature=temperature,
        )

    sac, slow = make(), SlowSAC(make())
    rng = np.random.default_rng(0)
    before = {key: value.clone() for key, value in sac.policy.state_dict().items()}
    for _ in range(3):
        batch = make_batch(rng)
        noise = noise_of(sac, batch)
        losses, *_ = sac.optimize_policy(batch)
        sac._update_targets()
        slow_losses = slow.update(batch, noise)
        torch.testing.assert_close(losses, torch.stack(slow_losses).detach(), rtol=1e-4, atol=1e-4)
    assert sac.log_alpha.shape == (1 if temperature == "single" else N_TASKS,)
    assert_same_networks(sac, slow.sac)
    after = sac.policy.state_dict()
    assert all(
        not torch.equal(value, after[key]) for key, value in before.items() if "architecture" in key
    )


def test_one_temperature_is_logged_for_all_tasks():
    sac = make_sac(temperature="single")
    assert sac.log_alpha.shape == (1,)
    sac.losses = sac.optimize_policy(make_batch(np.random.default_rng(0)))
    logged = sac.read_statistics()
    expected = sac.log_alpha.exp().item()
    assert expected != pytest.approx(0.7, rel=1e-4)
    names = ["mean", *(f"task-{task}" for task in range(N_TASKS))]
    assert [logged[f"AlphaTemperature/{name}"] for name in names] == pytest.approx(
        [expected] * (N_TASKS + 1)
    )
