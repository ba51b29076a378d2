"""Write docs/options.md from the options themselves: `python -m tools.write_options`."""

import pathlib

from learning.command_line.options_page import text

PAGE = pathlib.Path(__file__).resolve().parents[1] / "docs" / "options.md"

if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
