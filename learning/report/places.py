"""Texts without personal paths: a page is sent to others."""

from __future__ import annotations

import getpass
import os
import pathlib
import re
import shlex
from collections.abc import Iterable

HIDDEN = "…"
"""Stands for what is left out of a path."""

_PATH = re.compile(r"(?<![\w.~/:<…-])(?:~|\.\.)?/[^\s'\"`,;:|()\[\]{}<>]*")
_FEWEST = 3
"""Parts of a path that is more than somebody's folder, such as `/home/alice`."""


class Places:
    """What the folders of some runs are called on a page.

    Args:
        sources: Folders and files of runs.
    """

    def __init__(self, sources: Iterable[pathlib.Path]) -> None:
        paths = {source: source.resolve() for source in sources}
        parents = [str(path.parent) for path in paths.values()]
        top = pathlib.Path(os.path.commonpath(parents)) if parents else pathlib.Path.cwd()
        self._names = {source: path.relative_to(top).as_posix() for source, path in paths.items()}
        shown = {str(path): self._names[source] for source, path in paths.items()}
        shown |= {str(each): name for each, name in self._names.items() if each.is_absolute()}
        for folder in (top, pathlib.Path.cwd(), pathlib.Path.home()):
            shown.setdefault(str(folder), HIDDEN)
        # The longest first, or else a run's folder would be cut in the middle.
        order = sorted((each for each in shown if len(each) > 1), key=len, reverse=True)
        self._known = re.compile("|".join(rf"{re.escape(each)}(?![\w.-])" for each in order))
        self._shown = shown

    def name(self, source: pathlib.Path) -> str:
        """Return what a run's folder or file is called: its path below what all have in common."""
        return self._names[source]

    def clean(self, text: str) -> str:
        """Return a text without folders of this machine: of a path its last part is left."""
        return _PATH.sub(_short, self._called(text))

    def command(self, line: str) -> str:
        """Return a command line as one gives it in the project's folder, without personal paths."""
        try:
            words = shlex.split(self._called(line))
        except ValueError:  # A quote that never ends: no shell wrote it.
            return self.clean(line)
        for place, word in enumerate(words):
            if pathlib.PurePath(word).name == "run.py":
                words = ["python", "run.py", *words[place + 1 :]]
                break
        return " ".join(map(self._word, words))

    def _called(self, text: str) -> str:
        """Return a text in which the runs have their names."""
        return self._known.sub(lambda match: self._shown[match[0]], text)

    def _word(self, word: str) -> str:
        """Return a word of a command line; a path with spaces is one word here."""
        option, equals, value = word.rpartition("=") if word.startswith("-") else ("", "", word)
        if value.startswith(("/", "~/", "../")):
            return option + equals + _shortened(value)
        return word if HIDDEN in word else self.clean(shlex.quote(word))


def _short(match: re.Match[str]) -> str:
    return _shortened(match[0])


def _shortened(path: str) -> str:
    parts = [part for part in path.split("/") if part not in ("", "~", "..")]
    if not parts:
        return path
    if len(parts) < _FEWEST or parts[-1] == getpass.getuser():
        return HIDDEN
    return f"{HIDDEN}/{parts[-1]}"
