"""A table for people: plain text, Markdown, LaTeX."""

import re
from collections.abc import Sequence

from learning.analysis.table_lines import LEGEND, cell_lines, heads, title
from learning.analysis.tables import Table


def text(table: Table) -> str:
    """Return the table as plain text, a block of lines a row."""
    head = ["", *heads(table)]
    blocks = [
        [[label], *(cell_lines(cell) for cell in line)]
        for label, line in zip(table.rows, table.cells, strict=True)
    ]
    widths = [
        max([len(name), *(len(each) for block in blocks for each in block[place])])
        for place, name in enumerate(head)
    ]
    lines = [_line(head, widths), _line(["-" * width for width in widths], widths)]
    for block in blocks:
        height = max(map(len, block))
        lines += [
            _line([cell[row] if row < len(cell) else "" for cell in block], widths)
            for row in range(height)
        ]
        lines.append("")
    notes = [f"- {note}" for note in (LEGEND, *table.notes)]
    return "\n".join([title(table), "", *lines, *notes, ""])


def markdown(table: Table) -> str:
    """Return the table as Markdown, a row a method."""
    rows = [
        [f"`{label}`", *("<br>".join(cell_lines(cell)) for cell in line)]
        for label, line in zip(table.rows, table.cells, strict=True)
    ]
    lines = [_piped(["", *heads(table)]), _piped(["---"] * (len(table.columns) + 1))]
    lines += [_piped(row) for row in rows]
    notes = [f"- {note}" for note in (LEGEND, *table.notes)]
    return "\n".join([f"{title(table)}", "", *lines, "", *notes, ""])


def latex(table: Table) -> str:
    """Return the table as a LaTeX `table` that needs the package booktabs and no other."""
    rows = [
        " & ".join([_tex(label), *(_stack(cell_lines(cell)) for cell in line)]) + r" \\"
        for label, line in zip(table.rows, table.cells, strict=True)
    ]
    sentences = (title(table), LEGEND, *table.notes)
    caption = ". ".join(_tex(each[0].upper() + each[1:]) for each in sentences)
    return "\n".join(
        [
            "% needs \\usepackage{booktabs}",
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{caption}.}}",
            rf"\begin{{tabular}}{{l{'l' * len(table.columns)}}}",
            r"\toprule",
            " & ".join(["", *map(_tex, heads(table))]) + r" \\",
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


_SPECIAL = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    ">": r"$>$",
    "<": r"$<$",
    "|": r"$|$",
}


def _tex(words: str) -> str:
    """Return words as LaTeX prints them."""
    return re.sub(r"[&%$#_{}\\~^<>|]", lambda match: _SPECIAL[match[0]], words)


def _stack(lines: Sequence[str]) -> str:
    if len(lines) == 1:
        return _tex(lines[0])
    # Braces keep a line's [ from being read as the optional argument of the break before it.
    stacked = r" \\ ".join(f"{{{_tex(line)}}}" for line in lines)
    return rf"\begin{{tabular}}[t]{{@{{}}l@{{}}}}{stacked}\end{{tabular}}"


def _piped(cells: Sequence[str]) -> str:
    # A bar in a cell would end it.
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()
