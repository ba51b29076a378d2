"""Progress: the plain lines with worked-out speed and time to go, and the bar."""

import io
import math

import dowel

from learning.logging.progress import ProgressOutput


class Clock:
    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


def show(output, epoch, steps, success=math.nan, mixture=None):
    tabular = dowel.TabularInput()
    tabular.record("Epoch", epoch)
    tabular.record("TotalEnvSteps", steps)
    tabular.record("Evaluation/SuccessRate", success)
    if mixture is not None:
        tabular.record("EvaluationMixture/SuccessRate", mixture)
    output.record(tabular)
    tabular.clear()


def test_plain_lines_are_rare_but_show_each_evaluation():
    clock, stream = Clock(), io.StringIO()
    output = ProgressOutput(
        n_epochs=10, total_env_steps=10_000, start_env_steps=1000, stream=stream, clock=clock
    )
    clock.seconds += 10
    show(output, 1, 2000)  # the first line: 1000 steps in 10 s, 8000 to go
    clock.seconds += 10
    show(output, 2, 3000)  # too soon
    clock.seconds += 5
    show(output, 3, 4000, success=0.25, mixture=0.5)  # evaluated: 3000 steps in 25 s
    clock.seconds += 29
    show(output, 4, 5000)  # too soon
    clock.seconds += 1
    show(output, 5, 5000)  # 30 s: 4000 steps in 55 s
    output.advance(5500)
    output.close()
    assert stream.getvalue().splitlines() == [
        "epoch 2/10  2,000/10,000 env steps  100 env steps/s  ETA 0:01:20",
        "epoch 4/10  4,000/10,000 env steps  120 env steps/s  ETA 0:00:50  "
        "success 0.25  mixture 0.50",
        "epoch 6/10  5,000/10,000 env steps  73 env steps/s  ETA 0:01:09  "
        "success 0.25  mixture 0.50",
    ]


def test_a_bar_on_a_terminal():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    output = ProgressOutput(n_epochs=4, total_env_steps=4000, stream=stream)
    output.advance(500)
    show(output, 0, 1000, success=0.75)
    output.close()
    last = stream.getvalue().split("\r")[-1]
    assert "epoch 1/4:  25%" in last
    assert "1.00k/4.00k" in last
    assert "success 0.75" in last
