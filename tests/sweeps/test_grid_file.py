"""A grid's file: what it means, and errors that name its line."""

import pathlib

import pytest

from learning.errors import ConfigError
from learning.sweeps.grid_file import read_grid
from learning.sweeps.grid_runs import grid_runs
from learning.sweeps.paper_numbers import read_paper_numbers
from learning.sweeps.same_config import check_folders, differences
from learning.sweeps.toml_lines import TomlLines

GRID = """\
title = "Two methods"
envs = ["JacoReachMT5-v1"]
seeds = [1, 2]

[options]
n_epochs = 7
hidden_sizes = [
    32,
    32,  # [not a header]
]

[[runs]]
method = "mtsac"
[[runs]]
method = "qmp_sac"
name = "floor"
label = "with a floor"
own_policy_floor = 0.5
precision = "bf16"
seeds = [3]
"""


def write(tmp_path, text, name="grid.toml"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_runs_of_a_grid(tmp_path):
    runs = grid_runs(read_grid(write(tmp_path, GRID)))
    assert [run.name for run in runs] == [
        "mtsac JacoReachMT5-v1 run_1",
        "mtsac JacoReachMT5-v1 run_2",
        "qmp_sac JacoReachMT5-v1 floor_3",
    ]
    assert [run.label for run in runs] == ["mtsac", "mtsac", "with a floor"]
    assert [run.line for run in runs] == [12, 12, 14]
    assert runs[0].folder == pathlib.Path("runs/mtsac/JacoReachMT5-v1/run_1")
    assert runs[0].kind == runs[1].kind != runs[2].kind
    configs = [run.config for run in runs]
    assert [each.n_epochs for each in configs] == [7, 7, 7]
    assert configs[0].hidden_sizes == (32, 32)
    assert [each.precision for each in configs] == ["float32", "float32", "bf16"]
    assert [(each.torch_threads, each.n_workers) for each in configs] == [(1, 0)] * 3
    assert configs[2].own_policy_floor == 0.5
    # 7 epochs of one collection of 1000 steps, the first of which fills the buffer to its minimum.
    first = 5 * configs[0].min_buffer_size
    assert runs[0].env_steps(7) == first + 6 * 1000


def test_another_folder(tmp_path):
    runs = grid_runs(read_grid(write(tmp_path, GRID)), tmp_path / "out")
    assert runs[2].folder == tmp_path / "out/qmp_sac/JacoReachMT5-v1/floor_3"
    assert runs[2].config.log_dir == str(runs[2].folder)
    assert runs[2].words[-1] == f"--log_dir={runs[2].folder}"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (
            "title =",
            "titel =",
            1,
            "'titel' is no key of a grid: allowed is one of title, metric",
        ),
        ('method = "mtsac"', 'method = "mtsca"', 13, "method = 'mtsca': allowed is one of"),
        ('method = "mtsac"', "", 12, "names its method"),
        ('["JacoReachMT5-v1"]', '["JacoReach"]', 2, "'JacoReach': allowed is one of"),
        ("own_policy_floor", "own_policy_flor", 18, "has no option 'own_policy_flor'"),
        ("own_policy_floor = 0.5", "own_policy_floor = 1.5", 18, "allowed is a number from 0"),
        ("n_epochs = 7", 'n_epochs = "many"', 6, "n_epochs = 'many': allowed is an integer"),
        ("n_epochs = 7", "horizon = 100", 6, "has no option 'horizon'"),
        ("n_epochs = 7", "own_policy_floor = 0.5", 6, "nothing would read it"),
        ("    32,\n    32", "    -3", 7, "hidden_sizes"),
        ("n_epochs = 7", "seed = 7", 6, "'seed' is no option of a grid: write seeds"),
        ("seeds = [3]", "seeds = 3", 20, "seeds = 3: allowed is a list"),
        ("seeds = [3]", "seeds = [0.5]", 20, "seeds: 0.5: allowed are integers"),
        ("seeds = [3]", "seeds = [-1]", 20, "seed = -1"),
        ("seeds = [1, 2]", "", 12, "neither the run nor the grid has seeds"),
        ("seeds = [1, 2]", "seeds = [1, 1]", 12, "two runs would share the folder"),
        ("n_epochs = 7", 'protocol = "ptsl"', 6, "protocol = 'ptsl'"),
        ("n_epochs = 7", "n_epochs = [", 6, "n_epochs"),
        ("n_epochs = 7", "batch_size = 7", 6, "batch_size = 7: it is a total over 5 tasks"),
        ("n_epochs = 7", "care_width = 7", 6, "care_width"),
    ],
)
def test_errors_name_the_file_and_the_line(tmp_path, old, new, line, message):
    assert GRID.count(old) == 1
    path = write(tmp_path, GRID.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        grid_runs(read_grid(path))
    text = str(caught.value)
    if new == "n_epochs = [":  # a fault of syntax: Python's own reader says where
        assert text.startswith(f"{path}: ")
        assert "line " in text
        return
    assert text.startswith(f"{path}, line {line}: "), text
    assert message in text


def test_two_runs_of_one_folder_name_both_lines(tmp_path):
    path = write(tmp_path, GRID + '\n[[runs]]\nmethod = "mtsac"\nlr = 0.1\n')
    with pytest.raises(ConfigError, match=r"line 22: two runs .* the other is of line 12"):
        grid_runs(read_grid(path))


def test_no_file_and_no_toml(tmp_path):
    with pytest.raises(ConfigError, match="no grid can be read"):
        read_grid(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match=r"grid\.toml: .*\(at line 2, column 5\)"):
        read_grid(write(tmp_path, 'title = "a"\nenvs\n'))
    with pytest.raises(ConfigError, match="one or more tables"):
        read_grid(write(tmp_path, 'title = "a"\n'))


def test_a_file_of_numbers_is_relative_to_the_grid(tmp_path):
    (tmp_path / "weights.csv").write_text("\n".join(["1,0,0,0,1"] * 5))
    entry = '[[runs]]\nmethod = "qmp_domain"\ndomain_weights = "weights.csv"\n'
    head = GRID.partition("[[runs]]")[0]
    (run,) = grid_runs(read_grid(write(tmp_path, f"{head}{entry}seeds = [1]\n")))
    assert run.config.domain_weights == (1.0, 0.0, 0.0, 0.0, 1.0) * 5
    assert f"--domain_weights={tmp_path / 'weights.csv'}" in run.words
    (tmp_path / "weights.csv").write_text("a")
    with pytest.raises(ConfigError, match=r"line 14: domain_weights = .*no table"):
        grid_runs(read_grid(tmp_path / "grid.toml"))


def test_lines_of_keys():
    lines = TomlLines(
        '# a\n"quoted key" = 1\na.b = 2\nlong = """\nfake = 3\n[fake]\n"""\n'
        'table = { x = 1, y = [\n  1,\n] }\n[other."x.y"]\nz = 1\n[[many]]\nq = 1\n[[many]]\n'
        "q = 'a # b'\n[many.sub]\nr = 1\n"
    )
    assert lines.line("quoted key") == 2
    assert lines.line("a", "b") == 3
    assert lines.line("long") == 4
    assert lines.line("fake") == 1  # it is inside a text, so nothing but the file is around it
    assert lines.line("table", "y") == 8
    assert lines.line("other", "x.y", "z") == 12
    assert lines.line("many", 0, "q") == 14
    assert lines.line("many", 1, "q") == 16
    assert lines.line("many", 1, "sub", "r") == 18


def put_record(run, **values):
    run.folder.mkdir(parents=True)
    config = run.config.replace(**values)
    (run.folder / "config.json").write_text(config.to_json())


def test_a_folder_with_another_config_is_an_error_that_says_what_differs(tmp_path):
    path = write(tmp_path, GRID)
    first, second, third = grid_runs(read_grid(path), tmp_path / "runs")
    # Threads and processes are the machine's affair where the grid does not give them.
    put_record(first, torch_threads=4, n_workers=2, wandb=True)
    assert differences(first) == []
    put_record(second, lr=0.5, discount=0.9)
    third.folder.mkdir(parents=True)
    (third.folder / "config.json").write_text("{")
    assert differences(third) == []
    with pytest.raises(ConfigError) as caught:
        check_folders(path, (first, second, third))
    message = str(caught.value)
    assert message.startswith(f"{path}, line 12: {second.folder} holds a run with another config: ")
    assert "lr is 0.5 there and 0.001 in the grid; discount is 0.9 there and" in message


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("with a floor,JacoReachMT5-v1,1000,success,0.5,paper", None),
        ("QMP,JacoReachMT5-v1,1000,success,0.5,paper", "no runs 'QMP' on JacoReachMT5-v1"),
        ("mtsac,MazeLarge-10-v0,1000,success,0.5,paper", "no runs 'mtsac' on MazeLarge"),
        ("mtsac,JacoReachMT5-v1,1000,success,50,paper", "a share from 0 to 1"),
        ("mtsac,JacoReachMT5-v1,1000,sucess,0.5,paper", "metric 'sucess'"),
        ("mtsac,JacoReachMT5-v1,many,success,0.5,paper", "line 3: invalid literal"),
        ("mtsac,JacoReachMT5-v1,1000,success,0.5,", "needs its source"),
        ("mtsac,JacoReachMT5-v1,1000,success,0.5", "5 values under 6 columns"),
        ("mtsac,JacoReachMT5-v1,500,return,-3,paper", "there twice"),
    ],
)
def test_a_papers_numbers(tmp_path, row, message):
    grid = read_grid(write(tmp_path, GRID))
    head = "label,env,env_steps,metric,value,source\nmtsac,JacoReachMT5-v1,500,return,-3,paper\n"
    write(tmp_path, head + row + "\n", "grid.csv")
    if message is None:
        first, second = read_paper_numbers(grid, grid_runs(grid))
        assert (first.value, second.label, second.env_steps) == (-3.0, "with a floor", 1000)
        return
    with pytest.raises(ConfigError, match=rf"grid\.csv, line 3: .*{message}|{message}"):
        read_paper_numbers(grid, grid_runs(grid))
