"""What a paper claims, in a form that runs can be asked about."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Look:
    """Where on the curves a claim looks.

    Attributes:
        env_steps: The last evaluation at or before so many env steps; None: the last env steps at
            which the paper has numbers and that the runs have reached, or else those that all
            of them have.
        window: The mean of the evaluations from one number of env steps to another instead.
        area: The area under the curve instead, up to `env_steps`.
    """

    env_steps: int | None = None
    window: tuple[int, int] | None = None
    area: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class DifferenceClaim:
    """One method is better than another.

    Attributes:
        text: The claim in a sentence, with its source.
        better: Label of the method that is claimed to be better.
        worse: Label of the other.
        env: Id of the task set.
        metric: `success`, `any_subgoal` or `return`.
        look: Where on the curves.
        margin: By how much the first may be below the second: above 0, the claim is that it is at
            least as good.
    """

    text: str
    better: str
    worse: str
    env: str
    metric: str
    look: Look
    margin: float = 0.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class ValueClaim:
    """A method reaches the number that the paper has for it.

    Attributes:
        text: The claim in a sentence, with its source.
        label: Label of the method.
        env: Id of the task set.
        metric: `success`, `any_subgoal` or `return`.
        env_steps: Where on the curve; the paper has a number there.
        within: How far the interval may reach to either side of our mean to tell anything.
    """

    text: str
    label: str
    env: str
    metric: str
    env_steps: int
    within: float


Claim = DifferenceClaim | ValueClaim
