"""One thread for little work, all for much, and none lost on the way."""

import pytest
import torch

from learning.policies import acting_threads
from tests.small_learner import make_policies, make_q_switch


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("multiply_adds", "inside"), [(10**6, 1), (10**9, 2)])
def test_threads(two_threads, multiply_adds, inside):
    with acting_threads.threads_for(multiply_adds):
        assert torch.get_num_threads() == inside
    assert torch.get_num_threads() == 2
    with pytest.raises(KeyError), acting_threads.threads_for(multiply_adds):
        raise KeyError
    assert torch.get_num_threads() == 2


def test_work_of_a_row():
    """Two hidden layers of 16: 4 * 16 + 16 * 16 + 16 * 4 weights and 36 biases a policy."""
    policy = 4 * 16 + 16 * 16 + 16 * 4 + 36
    critic = 6 * 16 + 16 * 16 + 16 + 33
    assert make_policies()._multiply_adds_per_row == policy
    assert make_q_switch()._multiply_adds_per_row == 3 * (policy + 2 * critic)
