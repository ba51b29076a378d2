"""The benchmark of the methods builds every variant, and its ratios are those of its seconds."""

import pytest

from benchmarks.methods import SETTINGS, VARIANTS, config_of, rows, time_variants
from environments import make_task_set
from learning.config.methods import METHODS
from learning.replay.uds import source_tasks


def test_every_method_is_timed_at_equal_sizes():
    timed = {variant.method for variant in VARIANTS.values()}
    assert timed == set(METHODS) - {"train", "qmp_domain"}
    for setting in SETTINGS.values():
        for variant in VARIANTS.values():
            config = config_of(setting, variant)
            assert config.hidden_sizes == setting.hidden_sizes
            assert config.buffer_batch_size == variant.batches * setting.buffer_batch_size


def test_what_uds_is_compared_with_sees_as_many_transitions():
    for setting in SETTINGS.values():
        control = config_of(setting, VARIANTS["dnc_sac, two batches"])
        n_tasks = make_task_set(setting.env).n_tasks
        own = config_of(setting, VARIANTS["uds_dnc"]).buffer_batch_size
        assert source_tasks(n_tasks, own).shape[1] == pytest.approx(
            control.buffer_batch_size, abs=n_tasks
        )


def test_ratios_are_taken_round_by_round():
    seconds = {
        "dnc_sac": {"update": [1.0, 2.0, 4.0]},
        "mtsac": {"update": [1.5, 2.0, 8.0]},
    }
    reference, other = rows("jaco", seconds, updates=100)
    assert reference["update_ratio"] == 1.0
    assert other["update_ms"] == pytest.approx(20.0)
    assert (other["update_ratio_min"], other["update_ratio"], other["update_ratio_max"]) == (
        1.0,
        1.5,
        2.0,
    )


class CountingLoop:
    """Stands for a loop; every clock in it runs by what it is asked for."""

    def __init__(self):
        self.acted, self.updates = 0.0, 0

    def collect(self):
        self.acted += 0.5

    def update(self, gradient_steps):
        self.updates += gradient_steps

    def read_seconds(self):
        return 0.0, self.acted


def test_every_variant_takes_its_turn_in_every_round():
    loops = {"dnc_sac": CountingLoop(), "mtsac": CountingLoop()}
    seconds = time_variants(loops, updates=10, rounds=4)
    for name, loop in loops.items():
        assert loop.updates == 3 + 4 * 10
        assert seconds[name]["act"] == [0.5] * 4
        assert [len(seconds[name][part]) for part in ("update", "whole")] == [4, 4]
