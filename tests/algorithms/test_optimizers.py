"""AdamW and Adam with another beta1 against their formulas, number by number."""

import numpy as np
import pytest
import torch

from learning.algorithms.optimizers import fused_adam
from learning.algorithms.sac_options import SACOptions
from learning.errors import ConfigError
from learning.snapshots.optimizer_state import begin_optimizer
from tests.algorithms.batches import make_batch
from tests.small_learner import N_TASKS, make_sac


def slow_steps(weight, gradients, *, lr, weight_decay, beta1):
    """Of one weight; Loshchilov & Hutter's algorithm 2, with the decay times the learning rate."""
    first = second = 0.0
    for step, gradient in enumerate(gradients, start=1):
        first = beta1 * first + (1 - beta1) * gradient
        second = 0.999 * second + 0.001 * gradient**2
        corrected = first / (1 - beta1**step)
        size = np.sqrt(second / (1 - 0.999**step)) + 1e-8
        weight = weight - lr * (corrected / size + weight_decay * weight)
    return weight


@pytest.mark.parametrize("weight_decay", [0.0, 0.2])
@pytest.mark.parametrize("beta1", [0.9, 0.5])
def test_a_few_steps(weight_decay, beta1):
    gradients = np.random.default_rng(0).normal(size=(4, 3))
    weights = torch.nn.Parameter(torch.tensor([1.0, -2.0, 0.5]))
    optimizer = fused_adam([weights], lr=0.1, weight_decay=weight_decay, beta1=beta1)
    begin_optimizer(optimizer)
    assert weights.tolist() == [1.0, -2.0, 0.5], "making the moments moved a weight"
    optimizer.state.clear()
    for gradient in gradients:
        weights.grad = torch.tensor(gradient, dtype=torch.float32)
        optimizer.step()
    for index, start in enumerate((1.0, -2.0, 0.5)):
        expected = slow_steps(
            start, gradients[:, index], lr=0.1, weight_decay=weight_decay, beta1=beta1
        )
        assert weights[index].item() == pytest.approx(expected, rel=1e-5)


def test_who_decays_and_who_has_the_other_beta1():
    sac = make_sac(weight_decay=0.1, alpha_beta1=0.5)
    groups = {name: each.param_groups[0] for name, each in sac.optimizers.items()}
    kinds = {name: type(each) for name, each in sac.optimizers.items()}
    assert kinds["policy"] is kinds["critics"] is torch.optim.AdamW
    assert groups["policy"]["weight_decay"] == groups["critics"]["weight_decay"] == 0.1
    assert groups["policy"]["betas"] == groups["critics"]["betas"] == (0.9, 0.999)
    assert kinds["log_alpha"] is torch.optim.Adam
    assert groups["log_alpha"]["betas"] == (0.5, 0.999)
    assert groups["log_alpha"]["weight_decay"] == 0.0


def test_the_target_entropys_factor():
    """Actions have two numbers: -1 at a factor of a half, which the loss of alpha = 1 shows."""
    sac = make_sac(target_entropy=None, target_entropy_factor=0.5, temperature_loss="alpha")
    with torch.no_grad():
        sac.log_alpha.zero_()
    batch = make_batch(np.random.default_rng(0))
    losses = sac._temperature_objective(torch.full(batch.rewards.shape, 3.0), batch)
    torch.testing.assert_close(losses, torch.full((N_TASKS,), -2.0))
    with pytest.raises(ConfigError, match=r"target_entropy_factor = 0\.5: nothing would read it"):
        SACOptions(gradient_steps_per_itr=1, target_entropy=-1.0, target_entropy_factor=0.5)
