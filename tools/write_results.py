"""Make the tables in `results/` and `docs/results.md` anew: `python -m tools.write_results`.

Each page has its commands in fenced blocks. One with `--out` writes a file; what another prints
stands below its block, between `<!-- begin -->` and `<!-- end -->`.
"""

import pathlib
import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from click.testing import CliRunner

import run

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGES = (ROOT / "docs" / "results.md", *sorted((ROOT / "results").glob("*/README.md")))
_BLOCK = re.compile(r"^```\n(?P<words>.*?)^```\n", re.MULTILINE | re.DOTALL)
_PRINTED = re.compile(r"\n<!-- begin -->\n(?P<text>.*?)<!-- end -->\n", re.DOTALL)
_OUT = "--out="


class Command(NamedTuple):
    """A command of a page.

    Attributes:
        words: Its words after `python run.py`, without `--out`.
        out: The file that it writes, relative to the repository's root; None: it prints.
        span: Where on the page what it prints stands; None: it writes.
    """

    words: tuple[str, ...]
    out: pathlib.Path | None
    span: tuple[int, int] | None

    @property
    def name(self) -> str:
        """Which it is, in few words."""
        return str(self.out) if self.out else " ".join(self.words)


def commands(page: str) -> Iterator[Command]:
    """Yield the commands of a page that make tables and pictures of what is in `results/`.

    Args:
        page: The page's text.

    Raises:
        ValueError: A command neither writes nor is followed by what it prints.
    """
    for block in _BLOCK.finditer(page):
        lines = block["words"].replace("\\\n", " ").splitlines()
        for line in lines:
            if not re.match(r"python run\.py (table|compare|plot) results/", line) and not re.match(
                r"python run\.py compare \S+ \S+ results/", line
            ):
                continue
            words = shlex.split(line, comments=True)[2:]
            outs = [word for word in words if word.startswith(_OUT)]
            kept = tuple(word for word in words if word not in outs)
            if outs:
                yield Command(kept, pathlib.Path(outs[0].removeprefix(_OUT)), None)
                continue
            printed = _PRINTED.match(page, block.end())
            if printed is None:
                raise ValueError(f"nothing is printed below {line}: <!-- begin --> wanted")
            yield Command(kept, None, printed.span("text"))


def output(command: Command, out: pathlib.Path | None = None) -> str:
    """Run a command and return what it prints, as a page has it.

    Args:
        command: The command; its paths are relative to the working directory.
        out: Where it writes; None: it prints.

    Raises:
        RuntimeError: It fails.
    """
    words = [*command.words, *([f"{_OUT}{out}"] if out else [])]
    result = CliRunner().invoke(run.main, words)
    if result.exit_code:
        raise RuntimeError(f"{shlex.join(words)}: {result.output}")
    is_table = "--format=markdown" in command.words
    return f"\n{result.stdout}\n" if is_table else f"\n```\n{result.stdout}```\n\n"


def main() -> None:
    """Write everything anew."""
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        # From the end, so that the places of the others stay.
        for command in reversed(list(commands(text))):
            if command.span is None:
                output(command, command.out)
            else:
                start, end = command.span
                text = text[:start] + output(command) + text[end:]
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
