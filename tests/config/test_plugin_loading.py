"""Plug-ins: what joins the tables, what is refused and how it is said; code runs only if named."""

import json
import subprocess
import sys
import textwrap

import pytest

import environments
import garage_experiments
from environments.plugin_files import PluginFile
from learning.config import plugins
from learning.config.members import MEMBERS
from learning.config.plugin_loading import load_plugin
from learning.config.resolving import resolve
from learning.errors import ConfigError

MIXTURE = """
    import dataclasses
    from learning.options import option
    from learning.policies.switching_mixture import SwitchingMixture
    from learning.policies.switching_options import SwitchingOptions

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Options(SwitchingOptions):
        my_option: int = option(3, at_least=1, source="mine", help="What I want.")

    class Mine(SwitchingMixture):
        Options = Options

        def choose(self, proposals):
            return self._own(proposals.observations.shape[1])

    BEHAVIOURS = {"mine": Mine}
"""


def write(tmp_path, content, name="mine.py"):
    path = tmp_path / name
    path.write_text(textwrap.dedent(content))
    return path


def test_a_member_joins_with_its_options(tmp_path):
    plugin = load_plugin(write(tmp_path, MIXTURE))
    config = resolve("train", "JacoReachMT5-v1", behaviour="mine", my_option=5)
    assert (config.my_option, config.policy_sampling_freq) == (5, 1)
    assert config.plugins == (plugin.file,)
    assert config.label == "train+mine"
    assert resolve("train", "JacoReachMT5-v1").plugins == ()
    with pytest.raises(ConfigError, match="my_option = 0: allowed is an integer, at least 1"):
        resolve("train", "JacoReachMT5-v1", behaviour="mine", my_option=0)
    with pytest.raises(ConfigError, match="nothing would read it; it belongs to behaviour = mine"):
        resolve("qmp_dnc", "JacoReachMT5-v1", my_option=2)


def test_presets_may_be_of_the_files_own_options(tmp_path):
    content = (
        MIXTURE
        + """
    from environments import TaskSet, make_task_set
    from environments.maze_large.task_set import MazeLarge10
    from learning.options import Value

    TASK_SETS = {"Mine-v0": MazeLarge10}
    PRESETS = {"Mine-v0": {"my_option": Value(7, "mine")}}
"""
    )
    load_plugin(write(tmp_path, content))
    assert resolve("train", "Mine-v0", behaviour="mine").my_option == 7
    assert resolve("train", "MazeLarge-10-v0", behaviour="mine").my_option == 3


def test_loading_again_changes_nothing(tmp_path):
    path = write(tmp_path, MIXTURE)
    assert load_plugin(path) is load_plugin(str(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x = 1", "it defines none of BEHAVIOURS, STATE_ENCODERS"),
        ("1 / 0", r"fails when it is imported: ZeroDivisionError: division by zero \(line 1\)"),
        ("def broken(:", "fails when it is imported: SyntaxError"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("BEHAVIOURS = {'mine': 3}", r"BEHAVIOURS\['mine'\] must be a subclass of MixturePolicy"),
        ("BEHAVIOURS = 3", "BEHAVIOURS must be a dictionary from names"),
        (MIXTURE.replace("def choose", "def chose"), "Mine lacks the method choose"),
        (MIXTURE.replace('"mine"', '"qswitch"'), "there is a behaviour 'qswitch' already"),
        (MIXTURE.replace("my_option", "levy_cap"), "its option 'levy_cap' is taken"),
        (MIXTURE.replace("my_option", "horizon"), "its option 'horizon' is taken"),
        (MIXTURE.replace("my_option", "env"), "its option 'env' is taken"),
        (
            MIXTURE.replace('option(3, at_least=1, source="mine", help="What I want.")', "3"),
            r"my_option is not declared by option\(\.\.\.\)",
        ),
        (MIXTURE.replace("my_option: int", "my_option: dict"), "no rule for an option of type"),
        ("TASK_SETS = {'JacoReachMT5-v1': int}", "must be a subclass of TaskSet"),
        (
            "from environments import TaskSet\nclass A(TaskSet): pass\nTASK_SETS = {'A-v0': A}",
            "A lacks the method _make_task",
        ),
        (
            "from environments import Option, TaskSet\n"
            "class A(TaskSet):\n"
            "    OPTIONS = {'lr': Option(default=1.0)}\n"
            "    def _make_task(self, task): ...\n"
            "TASK_SETS = {'A-v0': A}",
            "its option 'lr' is taken",
        ),
        ("PRESETS = {'A-v0': {}}", "is for no task set of this file"),
        (
            MIXTURE
            + """
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class OtherOptions(SwitchingOptions):
        my_option: int = option(4, source="mine", help="Something else.")

    class Other(Mine):
        Options = OtherOptions

    BEHAVIOURS["other"] = Other
""",
            "its option 'my_option' is taken",
        ),
        (
            "from learning.config.methods import Method\n"
            "METHODS = (Method(name='eval', summary='', paper=''),)",
            "there is a sub-command 'eval' already",
        ),
        ("METHODS = (3,)", "METHODS must be rows of type Method"),
        (
            "from learning.config.methods import Method\n"
            "METHODS = (Method(name='x', data='y', summary='', paper=''),)",
            "method 'x': there is no data 'y'",
        ),
    ],
)
def test_what_is_refused_names_the_file_and_leaves_nothing(tmp_path, content, message):
    path = write(tmp_path, content)
    before = {axis: set(table) for axis, table in MEMBERS.items()}
    with pytest.raises(ConfigError, match=message) as error:
        load_plugin(path)
    assert "mine.py" in str(error.value)
    assert {axis: set(table) for axis, table in MEMBERS.items()} == before
    assert plugins.LOADED == {}


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nothing\.py: No such file"):
        load_plugin(tmp_path / "nothing.py")


def test_two_files_cannot_take_the_same_names(tmp_path):
    load_plugin(write(tmp_path, MIXTURE))
    again = MIXTURE.replace("What I want", "What I want too")
    with pytest.raises(ConfigError, match="there is a behaviour 'mine' already"):
        load_plugin(write(tmp_path, again, "other.py"))
    with pytest.raises(ConfigError, match="its option 'my_option' is taken"):
        load_plugin(write(tmp_path, again.replace('"mine":', '"other":'), "third.py"))


def test_a_run_is_gone_on_with_only_by_the_file_it_was_made_with(tmp_path):
    loaded = load_plugin(write(tmp_path, MIXTURE)).file
    plugins.require_plugins((loaded,), changed=False, command="resume DIR")
    other = PluginFile("mine.py", "0" * 64)
    with pytest.raises(ConfigError, match=r"not the one .* was 000000000000\.\.\..*changed_plugin"):
        plugins.require_plugins((other,), changed=False, command="resume DIR")
    plugins.require_plugins((other,), changed=True, command="resume DIR")
    missing = PluginFile("yours.py", "0" * 64)
    with pytest.raises(ConfigError, match=r"--plugin yours\.py resume DIR"):
        plugins.require_plugins((missing,), changed=True, command="resume DIR")


@pytest.mark.parametrize("command", ["resume", "eval", "plot", "render --policy"])
def test_a_folder_never_has_its_code_run(tmp_path, command):
    """A record names a file that lies beside it, and in it: nothing runs, and the message asks."""
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    config = resolve("qmp_dnc", "JacoReachMT5-v1", log_dir=str(run_dir))
    values = json.loads(config.to_json())
    values["plugins"] = [{"name": "mine.py", "sha256": "0" * 64}]
    (run_dir / "config.json").write_text(json.dumps(values))
    (run_dir / "progress.csv").touch()
    for folder in (tmp_path, run_dir):
        write(folder, f"open({str(tmp_path / 'ran')!r}, 'w')")
    done = subprocess.run(
        [sys.executable, f"{environments.__path__[0]}/../run.py", *command.split(), "run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "python run.py --plugin mine.py" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "ran").exists()


def test_python_loads_them_too(tmp_path):
    assert garage_experiments.load_plugin is load_plugin
