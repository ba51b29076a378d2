"""Progress: the plain lines with worked-out speed and time to go, and the bar."""

import io
import math

import dowel

from learning.logging.progress import ProgressOutput, success_text


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
    # Evaluated: since the first row, 2000 steps in 15 s.
    show(output, 3, 4000, success=0.25, mixture=0.5)
    clock.seconds += 29
    show(output, 4, 5000)  # too soon
    clock.seconds += 1
    show(output, 5, 5000)  # 30 s: 3000 steps in 45 s
    output.advance(5500)
    output.close()
    assert stream.getvalue().splitlines() == [
        "epoch 2/10  2,000/10,000 env steps  100 env steps/s  ETA 0:01:20",
        "epoch 4/10  4,000/10,000 env steps  133 env steps/s  ETA 0:00:45  "
        "success 0.25  mixture 0.50",
        "epoch 6/10  5,000/10,000 env steps  67 env steps/s  ETA 0:01:15  "
        "success 0.25  mixture 0.50",
    ]


def test_steps_before_the_first_update_are_not_counted_in():
    clock, stream = Clock(), io.StringIO()
    output = ProgressOutput(n_epochs=100, total_env_steps=100_000, stream=stream, clock=clock)
    clock.seconds += 1
    output.advance(1000)  # a thousand steps in a second, without updates
    clock.seconds += 9
    show(output, 0, 1000)  # their updates: nothing to tell a speed by
    for epoch in range(1, 100):
        clock.seconds += 1
        output.advance(1000 * (epoch + 1))
        # Updates take 9 s, from the 40th epoch on 39.
        clock.seconds += 9 if epoch < 40 else 39
        show(output, epoch, 1000 * (epoch + 1))
    lines = dict(line.split("/", 1) for line in stream.getvalue().splitlines())
    assert lines["epoch 1"] == "100  1,000/100,000 env steps  ETA unknown"
    # 3000 steps in 30 s, 96,000 to go.
    assert lines["epoch 4"] == "100  4,000/100,000 env steps  100 env steps/s  ETA 0:16:00"
    # The last fifty epochs took 40 s each, the all-time mean would be 28: 10 epochs to go.
    assert lines["epoch 90"] == "100  90,000/100,000 env steps  25 env steps/s  ETA 0:06:40"


def test_several_collections_an_epoch_tell_the_speed_of_the_first():
    clock, stream = Clock(), io.StringIO()
    output = ProgressOutput(n_epochs=2, total_env_steps=4000, stream=stream, clock=clock)
    for steps in (500, 1000, 1500, 2000):
        clock.seconds += 5
        output.advance(steps)
    show(output, 0, 2000)  # after the first collection 1500 steps in 15 s
    assert "100 env steps/s  ETA 0:00:20" in stream.getvalue()


def test_sub_goals_stand_beside_success():
    row = {
        "Evaluation/SuccessRate": 0.0,
        "Evaluation/AnySubgoalRate": 0.4,
        "EvaluationMixture/SuccessRate": 0.125,
        "EvaluationMixture/AnySubgoalRate": 0.375,
    }
    expected = "success 0.00, any sub-goal 0.40  mixture 0.12, any sub-goal 0.38"
    assert success_text(row) == expected
    assert success_text(dict.fromkeys(row, math.nan)) == ""


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
