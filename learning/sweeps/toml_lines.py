"""On which line of a TOML file a key stands; Python's own reader does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator

Place = tuple[str | int, ...]
"""Where a value stands: keys, and the indices of tables in arrays: ("runs", 2, "lr")."""

_HEADER = re.compile(r"\s*(\[{1,2})([^\[\]]+)\]")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_OUTSIDE = re.compile(
    r'''"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*''', re.DOTALL
)


class TomlLines:
    """The lines of a file's keys and tables.

    Keys inside inline tables have the line of the table.

    Args:
        text: Content of a file that Python's reader has accepted.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[Place, int] = {(): 1}
        table: Place = ()
        counts: dict[Place, int] = {}
        for number, line in _statements(text):
            header = _HEADER.match(line)
            if header is not None:
                table = _resolved(_parts(header[2]), counts)
                if header[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, counts[table])
                self._lines.setdefault(table, number)
                continue
            key = _KEY.match(line)
            if key is not None:
                place = table
                for part in _parts(key[1]):
                    place = (*place, part)
                    self._lines.setdefault(place, number)

    def line(self, *place: str | int) -> int:
        """Return the line of a value, or of the nearest that is around it; from 1."""
        while place not in self._lines:
            place = place[:-1]
        return self._lines[place]


def _parts(key: str) -> Place:
    return tuple(part.strip("\"'") for part in _PART.findall(key))


def _resolved(place: Place, counts: dict[Place, int]) -> Place:
    """Add the index of the last table of each array that a header passes through."""
    resolved: Place = ()
    for depth, part in enumerate(place):
        resolved = (*resolved, part)
        if depth + 1 < len(place) and resolved in counts:
            resolved = (*resolved, counts[resolved])
    return resolved


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines that begin a header or a key, not of those inside values.

    What strings and comments hold is blanked out, but for quoted keys.
    """

    def blank(found: re.Match[str]) -> str:
        after = text[found.end() :].lstrip(" \t")
        is_key = found[0][0] in "\"'" and "\n" not in found[0] and after[:1] in ("=", ".", "]")
        return found[0] if is_key else re.sub(r"[^\n]", " ", found[0])

    depth = 0
    for number, line in enumerate(_OUTSIDE.sub(blank, text).split("\n"), start=1):
        if depth == 0 and line.strip():
            yield number, line
        is_header = depth == 0 and line.lstrip().startswith("[")
        if not is_header:
            depth += sum(line.count(each) for each in "[{") - sum(line.count(c) for c in "]}")
