"""What runs were made with and how they differ, as far as their records say."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from learning.analysis.reading import OF_THE_RUN
from learning.analysis.run_record import RunRecord
from learning.logging.run_folder import VERSIONS_FILE
from learning.report.places import Places

UNKNOWN = "not recorded"
NONE = "none"
NOT_READ = "not read"


@dataclasses.dataclass(frozen=True)
class Facts:
    """A table of what is the same for several runs, or differs.

    Attributes:
        columns: Heads; the first is that of the keys.
        rows: A key and its values each.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Provenance:
    """How runs were made.

    Attributes:
        commands: Name of each run -> its commands, the first and those that went on with it.
        versions: Versions, machines and git revisions.
        without: Names of the runs that record neither.
        notes: What is damaged.
    """

    commands: Mapping[str, Sequence[str]]
    versions: Facts
    without: tuple[str, ...]
    notes: tuple[str, ...]


def provenance(runs: Sequence[RunRecord], places: Places) -> Provenance:
    """Read commands and versions of runs.

    Args:
        runs: The runs.
        places: What their folders are called.
    """
    commands: dict[str, list[str]] = {}
    values: dict[str, dict[str, dict[str, None]]] = {}
    without, notes = [], []
    for run in runs:
        name = places.name(run.source)
        files = _version_files(run.source)
        if not files:
            without.append(name)
        for path in files:
            try:
                content = json.loads(path.read_text(encoding="utf-8"))
            except ValueError as error:
                notes.append(f"{name}: {path.name} is damaged: {error}")
                continue
            if not isinstance(content, dict):
                notes.append(f"{name}: {path.name} is damaged: it holds no JSON object")
                continue
            commands.setdefault(name, []).append(places.command(str(content.get("command", ""))))
            for key, value in _flat(content).items():
                values.setdefault(key, {}).setdefault(places.clean(value), {})[name] = None
    n_known = len(runs) - len(without)
    rows = tuple(
        (key, "; ".join(_whose(value, list(whose), n_known) for value, whose in each.items()))
        for key, each in values.items()
        if set(each) != {NONE}
    )
    return Provenance(
        commands=commands,
        versions=Facts(("what", "version"), rows),
        without=tuple(without),
        notes=tuple(notes),
    )


def _version_files(source: pathlib.Path) -> list[pathlib.Path]:
    """Return the files of versions of a run, that of its start first."""
    if source.is_file():
        return []
    stem = VERSIONS_FILE.removesuffix(".json")
    later = source.glob(f"{stem}_after_epoch_*.json")
    ordered = sorted(later, key=lambda path: (len(path.name), path.name))
    return [path for path in (source / VERSIONS_FILE, *ordered) if path.is_file()]


def _flat(content: Mapping[str, Any]) -> dict[str, str]:
    """Return what a file of versions says, a text a key."""
    git = content.get("git")
    revision = UNKNOWN
    if isinstance(git, dict):
        revision = f"{git.get('revision')}{', with changes' if git.get('dirty') else ''}"
    packages = content.get("packages")
    plugins = content.get("plugins")
    flat = {"git revision": revision}
    flat |= {
        key: _text(content.get(key))
        for key in ("python", "platform", "cpu", "gpu", "cuda", "torch_threads")
    }
    if isinstance(plugins, list) and plugins:
        flat["plug-ins"] = ", ".join(map(_text, plugins))
    if isinstance(packages, dict):
        flat |= {str(key): _text(value) for key, value in packages.items()}
    return flat


def _whose(value: str, names: Sequence[str], n_known: int) -> str:
    """Return a value, and whose it is where not all runs have it."""
    return value if len(names) == n_known else f"{value} ({', '.join(names)})"


def protocol_facts(runs: Sequence[RunRecord], places: Places) -> Facts:
    """Return the protocol card of runs, with all values where they differ by force."""
    cards = [run.protocol for run in runs if run.protocol is not None]
    keys = dict.fromkeys(key for card in cards for key in card)
    rows = tuple(
        (key, places.clean(" | ".join(dict.fromkeys(_text(card.get(key)) for card in cards))))
        for key in keys
    )
    return Facts(("key", "value"), rows)


def option_facts(labels: Sequence[str], runs: Sequence[RunRecord], places: Places) -> Facts:
    """Return the options in which methods differ, a column a method.

    Args:
        labels: The methods.
        runs: Their runs; those without a config say nothing.
        places: What folders are called.
    """
    configs: dict[str, list[Mapping[str, Any]]] = {}
    for label in labels:
        known = [run.options for run in runs if run.label == label and run.options is not None]
        if known:
            configs[label] = known
    keys = dict.fromkeys(key for each in configs.values() for config in each for key in config)
    rows = []
    for key in keys:
        if key in OF_THE_RUN:
            continue
        values = [
            " | ".join(dict.fromkeys(_text(config.get(key, NOT_READ)) for config in each))
            for each in configs.values()
        ]
        if len(set(values)) > 1:
            rows.append((key, *map(places.clean, values)))
    return Facts(("option", *configs), tuple(rows))


def _text(value: Any) -> str:
    if value is None:
        return NONE
    return value if isinstance(value, str) else json.dumps(value)
