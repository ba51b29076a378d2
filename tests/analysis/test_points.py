"""Where a table looks: at env steps, over a window, the area; and who is missing there."""

import math

import pytest

from learning.analysis.points import Area, At, MissingScoreError, Window, common_end
from learning.errors import RecordError
from tests.analysis.curves_by_hand import make_curve

CURVE = make_curve([100, 200, 300], [0.0, 0.4, 0.6], [1.0, 0.8, 0.2])


@pytest.mark.parametrize(("steps", "row"), [(100, 0), (199, 0), (200, 1), (299, 1), (399, 2)])
def test_the_last_evaluation_at_or_before_counts(steps, row):
    assert At(steps).scores(CURVE).tolist() == CURVE.values[row].tolist()


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        (At(99), "its first evaluation is at 100"),
        (At(400), "its last evaluation is at 300"),
        (Window(0, 400), "its last evaluation is at 300"),
        (Window(210, 290), "it has no evaluation in the window"),
        (Area(400), "its last evaluation is at 300"),
        (Area(50), "its first evaluation is at 100"),
    ],
)
def test_a_run_that_was_not_there_is_missing(point, reason):
    with pytest.raises(MissingScoreError, match=reason):
        point.scores(CURVE)


def test_a_window_has_both_its_ends():
    assert Window(200, 300).scores(CURVE).tolist() == [0.5, 0.5]
    assert Window(100, 250).scores(CURVE) == pytest.approx([0.2, 0.9])
    with pytest.raises(RecordError, match="is empty"):
        Window(300, 200)


def test_the_area_holds_each_value_until_the_next():
    """From 100 to 350: 100 steps of 0, 100 of 0.4, 50 of 0.6; over 250."""
    assert Area(350).scores(CURVE) == pytest.approx([(40 + 30) / 250, (100 + 80 + 10) / 250])
    assert Area(300).scores(CURVE) == pytest.approx([40 / 200, 180 / 200])
    assert Area(100).scores(CURVE) == pytest.approx([0, 1])


def test_not_a_number_is_missing_and_said():
    curve = make_curve([100, 200], [0.1, math.nan], [0.2, 0.3], tasks=("door", "drawer"))
    assert At(150).scores(curve).tolist() == [0.1, 0.2]
    for point in (At(200), Window(100, 200), Area(200)):
        with pytest.raises(MissingScoreError, match="door is NaN at 200"):
            point.scores(curve)


def test_the_common_end_is_the_least():
    assert common_end([CURVE, make_curve([50, 250], [0, 0])]) == 250
