"""The tables of `results/` and its pages are what their commands make of the CSV files."""

import csv
import pathlib
import re

import pytest

from tests.command_line.test_tables_of_runs import cells
from tools.write_results import PAGES, ROOT, commands, output

CASES = [
    pytest.param(path, command, id=f"{path.relative_to(ROOT)}: {command.name}")
    for path in PAGES
    for command in commands(path.read_text())
]
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


def assert_same(text, wanted, tolerance):
    """Equal but for the last digits of numbers, in which processors may differ."""
    assert _NUMBER.split(text) == _NUMBER.split(wanted)
    numbers = [[float(each) for each in _NUMBER.findall(one)] for one in (text, wanted)]
    assert numbers[0] == pytest.approx(numbers[1], rel=tolerance, abs=tolerance)


@pytest.mark.parametrize(("path", "command"), CASES)
def test_a_page_s_commands_make_what_is_there(path, command, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    if command.span is not None:
        start, end = command.span
        assert_same(path.read_text()[start:end], output(command), tolerance=1.5e-3)
        return
    assert command.out.parent == path.parent.relative_to(ROOT)
    made = tmp_path / command.out.name
    output(command, made)
    if command.words[0] == "plot":
        for ending in (".png", ".svg"):
            assert made.with_suffix(ending).stat().st_size > 10_000
        assert (ROOT / command.out).with_suffix(".png").is_file()
        return
    assert_same((ROOT / command.out).read_text(), made.read_text(), tolerance=1e-9)


def test_every_folder_of_runs_has_its_tables():
    for folder in {path.parent for path in (ROOT / "results").glob("*/*_seed*.csv")}:
        page = (folder / "README.md").read_text()
        tables = [command for command in commands(page) if command.words[0] == "table"]
        outs = {command.out for command in tables if command.out is not None}
        assert outs, folder
        assert all((ROOT / out).is_file() for out in outs)
        assert "python run.py export runs/" in page, folder


def test_the_reacher_s_page_says_what_its_table_says():
    """The means and seeds that stand beside the paper's are those of the CSV table."""
    folder = ROOT / "results" / "jaco_reach_mt5"
    with (folder / "any_subgoal.csv").open() as file:
        rows = {(row["label"], row["column"]): row for row in csv.DictReader(file)}
    said = re.findall(r"^\| `(\w+)`.*$", (folder / "README.md").read_text(), re.MULTILINE)
    table = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (folder / "README.md").read_text().splitlines()
        if re.match(r"\| `\w+` \| [^|]*\| \d+ \[", line)
    ]
    assert len(table) == 8 <= len(said)
    ends = ((170, 230), (270, 330), (370, 430), (470, 530), (570, 600))
    for label, _, *numbers in table:
        ours = [each for each in numbers if "[" in each][:5]
        for (start, end), cell in zip(ends, ours, strict=True):
            row = rows[label.strip("`"), f"mean {start}000 to {end}000"]
            mean, *seeds = map(int, re.findall(r"\d+", cell))
            values = [float(each.partition(":")[2]) for each in row["seeds"].split(";")]
            assert abs(mean - 100 * float(row["mean"])) <= 0.51
            assert seeds == pytest.approx([100 * each for each in values], abs=0.51)


def test_the_front_page_says_what_the_files_say():
    """README.md: the any sub-goal table of the reacher."""
    found, _ = cells(
        *(ROOT / "results" / "jaco_reach_mt5", "--metric=any_subgoal", "--force"),
        *("--window=170000:230000", "--window=470000:530000"),
    )
    labels = {
        "`qmp_dnc`": "qmp_dnc",
        "`qmp_dnc --precision bf16`": "qmp_dnc_bf16",
        "`dnc_sac --kl_coeff 0.001`, DnC (reg)": "dnc_reg",
        "`dnc_sac`": "dnc_sac",
        "`qmp_uniform`": "qmp_uniform",
        "`qmp_sac`": "qmp_sac",
        "`mtsac`": "mtsac",
    }
    lines = pathlib.Path(ROOT / "README.md").read_text().splitlines()
    for said, label in labels.items():
        (line,) = [each for each in lines if each.startswith(f"| {said} |") and " % |" in each]
        _, early, _, late, _ = [cell.strip() for cell in line.strip("|").split("|")]
        for cell, column in ((early, "mean 170000 to 230000"), (late, "mean 470000 to 530000")):
            assert abs(int(cell.split()[0]) - 100 * found[label, column]["mean"]) <= 0.51
