"""Options of task sets: what they admit, what they read from a word, and what they say."""

import pytest

from environments import make_task_set
from environments.options import Option

HORIZON = Option(default=500, at_least=1, at_most=500)
VERSION = Option(default="v2", allowed=("v2", "v1"))
FLAG = Option(default=False)
WEIGHT = Option(default=0.5, at_least=0.0)


@pytest.mark.parametrize(
    ("option", "words", "values"),
    [
        (HORIZON, ["1", "150", "500"], [1, 150, 500]),
        (VERSION, ["v1", "V2"], ["v1", "v2"]),
        (FLAG, ["true", "False"], [True, False]),
        (WEIGHT, ["0", "2.5"], [0.0, 2.5]),
        (Option(default="a,b"), ["x,y"], ["x,y"]),
        (Option(default=3, allowed=(3, 5)), ["5"], [5]),
    ],
)
def test_reads_what_is_allowed(option: Option, words: list[str], values: list[object]) -> None:
    read = [option.parse(word) for word in words]
    assert read == values
    assert {type(value) for value in read} == {type(option.default)}
    assert all(option.admits(value) for value in read)
    assert option.admits(option.default)


@pytest.mark.parametrize(
    ("option", "words", "values", "text"),
    [
        (HORIZON, ["0", "501", "2.5", "x"], [0, 501, 2.5, "150", True], "an integer from 1 to 500"),
        (VERSION, ["v3", ""], ["v3", 2], "one of v2, v1"),
        (FLAG, ["1", "yes"], [1, "true"], "true or false"),
        (WEIGHT, ["-1", "nan"], [-1.0, -1, True, float("nan")], "a number, at least 0"),
        (Option(default=1, at_most=9), ["10"], [10], "an integer, at most 9"),
        (Option(default=1), ["x"], [1.0], "an integer"),
        (Option(default="x"), [], [1], "a text"),
        (Option(default=3, allowed=(3, 5)), ["4"], [4, 3.0], "one of 3, 5"),
    ],
)
def test_refuses_the_rest_and_says_what_is_allowed(
    option: Option, words: list[str], values: list[object], text: str
) -> None:
    assert str(option) == text
    assert not any(option.admits(value) for value in values)
    for word in words:
        with pytest.raises(ValueError, match=f"'{word}': allowed is {text}"):
            option.parse(word)


def test_an_integer_may_stand_for_a_float() -> None:
    assert WEIGHT.admits(1)
    assert not HORIZON.admits(1.0)
    options = make_task_set("Walker2dMT4-v0", push_probability=1).options
    assert repr(options["push_probability"]) == "1.0"
