"""Which runs may meet in one table: those of one protocol and one precision."""

from collections.abc import Mapping, Sequence

from environments.options import OptionValue
from learning.analysis.run_record import RunRecord
from learning.errors import RecordError

FORCED = "FORCED together"
"""How a note begins that says in what runs differ which were put together all the same."""


def protocol_differences(cards: Sequence[Mapping[str, OptionValue]]) -> list[str]:
    """Return in what protocol cards differ, a line a key: `horizon: 150 | 200`.

    Args:
        cards: Protocol cards.
    """
    lines = []
    for key in dict.fromkeys(key for card in cards for key in card):
        values = list(dict.fromkeys(str(card.get(key, "missing")) for card in cards))
        if len(values) > 1:
            lines.append(f"{key}: {' | '.join(values)}")
    return lines


def require_comparable(runs: Sequence[RunRecord], *, force: bool) -> list[str]:
    """Check that runs may meet in one table.

    Runs of one task set must have equal protocol cards, and all runs one precision. Runs of
    `results/` without a card are taken to be of one protocol if they lie in one folder, and of
    none that is known otherwise.

    Args:
        runs: Runs.
        force: Whether they may meet all the same.

    Returns:
        Notes: with `force`, in what they differ; and what is not known of them.

    Raises:
        RecordError: They may not, and `force` is not set.
    """
    differences, notes = [], []
    for env in dict.fromkeys(run.env for run in runs):
        group = [run for run in runs if run.env == env]
        cards = [run.protocol for run in group if run.protocol is not None]
        differences += [f"{env}: {line}" for line in protocol_differences(cards)]
        bare = dict.fromkeys(run.source.parent for run in group if run.protocol is None)
        places = ", ".join(map(str, bare))
        if bare and (cards or len(bare) > 1):
            differences.append(f"{env}: the protocol of the runs in {places} is not known")
        elif bare:
            notes.append(
                f"no protocol card in {places}: its runs are taken to be of one protocol, since "
                "they lie in one folder"
            )
    precisions = {
        each: list(dict.fromkeys(run.label for run in runs if run.precision == each))
        for each in dict.fromkeys(run.precision for run in runs)
    }
    unknown = precisions.pop(None, [])
    if len(precisions) > 1 or (precisions and unknown):
        if unknown:
            precisions["unknown"] = unknown
        told = " | ".join(f"{each} ({', '.join(who)})" for each, who in precisions.items())
        differences.append(f"precision: {told}")
    elif unknown:
        notes.append("the precision of the runs is not known")
    if not differences:
        return notes
    if not force:
        raise RecordError(
            "these runs were made under different protocols or in different precision, so that "
            "their numbers do not compare; --force puts them together all the same, and says so. "
            "They differ in:\n" + "\n".join(f"  {line}" for line in differences)
        )
    return [f"{FORCED}, though they differ in {line}" for line in differences] + notes
