"""A comparison in words and numbers, and as JSON."""

import json
import math
from typing import Any

from learning.analysis.comparison import Comparison, Estimate
from learning.analysis.scores import Scores
from learning.analysis.table_lines import interval_text, measured_words, number
from learning.analysis.tables import FEW_SEEDS


def text(comparison: Comparison) -> str:
    """Return the comparison for people."""
    lines = [
        f"{comparison.a} (A) beside {comparison.b} (B) on {comparison.env}: "
        f"{measured_words(comparison.measure, comparison.who)}, {comparison.point}",
        "",
        *(
            f"{name}  {label}: mean {number(float(scores.values.mean()))}, "
            f"{_runs(len(scores.seeds))}: "
            + " ".join(number(float(value)) for value in scores.values.mean(axis=1))
            for name, label, scores in (
                ("A", comparison.a, comparison.scores_a),
                ("B", comparison.b, comparison.scores_b),
            )
        ),
        "",
        f"difference of means, A - B  {_estimate(comparison.mean)}",
        f"difference of IQMs, A - B   {_estimate(comparison.iqm)}",
        f"P(A > B)                    {_estimate(comparison.improvement)}",
        "",
        verdict(comparison),
        *(f"- {note}" for note in comparison.notes),
    ]
    return "\n".join(lines) + "\n"


def verdict(comparison: Comparison) -> str:
    """Return in plain words what so many seeds can tell and cannot."""
    n, m = len(comparison.scores_a.seeds), len(comparison.scores_b.seeds)
    difference = comparison.mean
    if min(n, m) == 1:
        sentences = [
            f"With {n} against {m} runs nothing can be said of chance: a single run shows no "
            "spread. Run more seeds."
        ]
    else:
        half = (difference.interval.high - difference.interval.low) / 2
        if half == 0:
            sentences = [
                "All runs of a method have one value, so that the intervals say nothing of chance."
            ]
        elif difference.excludes(0):
            above, below = comparison.a, comparison.b
            if difference.value < 0:
                above, below = below, above
            sentences = [
                f"{above} is above {below}: the interval of the difference of means leaves out 0, "
                "which by chance alone happens in about 1 of 20 such comparisons."
            ]
        else:
            sentences = [
                "These runs cannot tell the two apart: the interval of the difference of means "
                f"holds 0. That is no sign that they are equal: any difference from "
                f"{number(difference.interval.low)} to {number(difference.interval.high)} would "
                "fit."
            ]
    sentences.append(
        f"With {n} against {m} runs the smallest two-sided p of a rank test, that of complete "
        f"separation, is {comparison.smallest_p:.2g}"
        + (", so that no such test can reach 0.05." if comparison.smallest_p > 0.05 else ".")
    )
    if comparison.separated:
        sentences.append("Here the runs are completely separated.")
    if min(n, m) < FEW_SEEDS:
        sentences.append(
            f"Fewer than {FEW_SEEDS} seeds: the intervals themselves mean little, look at the "
            "runs' own values."
        )
    if comparison.improvement.value in (0.0, 1.0):
        sentences.append(
            "P(A > B) is at its end, where resampling shows no spread: its interval says nothing."
        )
    sentences.append("Runs are not paired by their seeds.")
    return " ".join(sentences)


def to_json(comparison: Comparison) -> str:
    """Return the comparison as a JSON object; what is not a number is null."""
    content: dict[str, Any] = {
        key: getattr(comparison, key) for key in ("a", "b", "env", "measure", "who", "point")
    }
    content |= {"scores_a": _scores(comparison.scores_a), "scores_b": _scores(comparison.scores_b)}
    for key in ("mean", "iqm", "improvement"):
        estimate: Estimate = getattr(comparison, key)
        content[key] = {
            "value": estimate.value,
            "low": _finite(estimate.interval.low),
            "high": _finite(estimate.interval.high),
        }
    content |= {
        "separated": comparison.separated,
        "smallest_p": comparison.smallest_p,
        "verdict": verdict(comparison),
        "notes": list(comparison.notes),
    }
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def _scores(scores: Scores) -> dict[str, float]:
    means = scores.values.mean(axis=1).tolist()
    return dict(zip(map(str, scores.seeds), means, strict=True))


def _runs(count: int) -> str:
    return f"{count} run{'s' if count > 1 else ''}"


def _estimate(estimate: Estimate) -> str:
    return f"{number(estimate.value)} {interval_text(estimate.interval)}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
