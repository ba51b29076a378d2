"""The house: arrows go down only, nothing lies loose, and files stay small."""

import ast
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]
LEARNING = ROOT / "learning"

# From the ground up: a package may import those before it.
FLOORS = (
    ("errors",),
    ("streams", "disk", "ray_access"),
    ("options", "garage_bridge"),
    ("architectures",),
    ("state_encoders",),
    ("q_functions",),
    ("replay",),
    ("snapshots",),
    ("policies",),
    ("objectives", "samplers", "logging"),
    ("evaluation",),
    ("algorithms",),
    ("config",),
    ("analysis",),
    ("experiment",),
    ("plotting", "rendering", "sweeps"),
    ("report",),
    ("reproduction",),
    ("command_line",),
)
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names}
LONGER_THAN_400 = ()


def files(folder):
    return sorted(folder.rglob("*.py"))


def imported(path):
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_package_has_its_floor_and_nothing_lies_loose():
    loose = {path.stem for path in LEARNING.glob("*.py")} - {"__init__"}
    packages = {path.parent.name for path in LEARNING.glob("*/__init__.py")}
    assert loose == {"errors", "streams"}
    assert packages | loose == set(FLOOR_OF)


@pytest.mark.parametrize("path", files(LEARNING), ids=lambda path: str(path.relative_to(LEARNING)))
def test_arrows_go_down_only(path):
    package = path.relative_to(LEARNING).parts[0].removesuffix(".py")
    for module in imported(path):
        parts = module.split(".")
        assert parts[0] not in ("run", "garage_experiments", "tests", "tools", "benchmarks"), module
        if parts[0] != "learning" or len(parts) == 1:
            continue
        above = FLOOR_OF[parts[1]] > FLOOR_OF[package]
        beside = parts[1] != package and FLOOR_OF[parts[1]] == FLOOR_OF[package]
        assert not (above or beside), f"{path} imports {module}"


@pytest.mark.parametrize("path", files(ROOT / "environments"), ids=lambda path: path.name)
def test_environments_know_neither_garage_nor_learning(path):
    names = {module.split(".")[0] for module in imported(path)}
    assert not names & {"garage", "learning", "torch", "akro", "dowel"}


def test_only_the_bridge_imports_garage():
    others = [path for path in files(LEARNING) if path.parent.name != "garage_bridge"]
    for path in [*others, ROOT / "run.py", ROOT / "garage_experiments.py"]:
        assert "garage" not in {module.split(".")[0] for module in imported(path)}, path


def test_files_stay_small():
    code = [*files(LEARNING), *files(ROOT / "environments"), *files(ROOT / "benchmarks")]
    lengths = {path: len(path.read_text().splitlines()) for path in code}
    assert [path for path, length in lengths.items() if length > 400] == list(LONGER_THAN_400)
    assert sorted(lengths.values())[len(lengths) // 2] <= 150
    assert len((ROOT / "garage_experiments.py").read_text().splitlines()) <= 150


def test_one_iteration_stands_on_one_screen():
    path = LEARNING / "algorithms" / "multi_task_sac.py"
    (train,) = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name == "train"
    ]
    assert train.end_lineno - train.lineno < 60
    calls = ("obtain_episodes", "add_episodes", "train_once", "evaluate", "record")
    found = [
        node.func.attr
        for node in ast.walk(train)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in calls
    ]
    lines = {
        node.func.attr: node.lineno
        for node in ast.walk(train)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in calls
    }
    assert sorted(found) == sorted(calls)
    assert sorted(calls, key=lines.__getitem__) == list(calls)


def test_reading_a_record_for_a_plot_needs_no_torch():
    code = (
        "import sys, learning.plotting.curves, learning.plotting.behaviour, run\n"
        "heavy = {'torch', 'garage', 'metaworld', 'pandas'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
