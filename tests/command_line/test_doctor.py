"""The doctor reports on what is there and on what is not, whatever is broken."""

import importlib
import importlib.metadata
import sys

import pytest

from environments import gl_backends
from learning.command_line import doctor


def line_of(name):
    (line,) = [line for line in doctor.report() if line.name == name]
    return line


def pretend(monkeypatch, versions):
    """Packages of these versions; None: not installed."""
    real = importlib.metadata.version

    def version(name):
        if name in versions and versions[name] is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions.get(name) or real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)


def test_this_environment_is_whole(monkeypatch, capsys):
    assert doctor.main() == 0
    text = capsys.readouterr().out
    assert "garage imports" in text
    assert text.rstrip().endswith("All that is needed is here.")


def test_missing_package_is_named_with_how_to_get_it(monkeypatch, capsys):
    pretend(monkeypatch, {"metaworld": None})
    assert line_of("metaworld") == doctor.Line(
        "metaworld", "", "missing", "make venv, or pip install -r requirements.txt"
    )
    assert doctor.main() == 1
    assert capsys.readouterr().out.rstrip().endswith("To be mended: metaworld")


def test_wrong_version_is_named_with_the_right_one(monkeypatch):
    pretend(monkeypatch, {"mujoco": "3.2.0"})
    line = line_of("mujoco")
    assert (line.found, line.state) == ("3.2.0", "wrong version")
    assert line.hint.startswith("3.3.0 wanted: ")


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ("2.13.0+cu130", "ok"),
        ("2.8.0", "ok"),
        ("2.7.1", "wrong version"),
        ("1.13.1", "wrong version"),
        ("3.0", "ok"),
    ],
)
def test_torch_from_2_8_on_will_do(monkeypatch, version, state):
    pretend(monkeypatch, {"torch": version})
    assert line_of("torch").state == state


def test_optional_packages_may_be_missing(monkeypatch):
    pretend(monkeypatch, {"ray": None, "wandb": None})
    assert line_of("ray").state == line_of("wandb").state == "optional"
    assert line_of("ray").hint == "pip install -r requirements-ray.txt"
    assert doctor.main() == 0


def test_reports_even_when_garage_and_torch_cannot_be_imported(monkeypatch):
    def refuse(name):
        raise ImportError(f"no {name}\nmore")

    monkeypatch.setattr(importlib, "import_module", refuse)
    line = line_of("garage imports")
    assert (line.state, line.hint) == (
        "broken",
        "ImportError: no learning.garage_bridge.garage_compat",
    )
    assert line_of("CUDA").state == "broken"
    assert doctor.main() == 1


def test_old_python_is_named(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    assert line_of("Python").state == "wrong version"


@pytest.mark.parametrize(
    ("failures", "found", "state"),
    [({"egl": ""}, "egl", "ok"), ({"egl": "x", "osmesa": ""}, "osmesa", "ok")],
)
def test_names_what_draws(monkeypatch, failures, found, state):
    monkeypatch.setattr(gl_backends, "backend_failures", lambda: failures)
    line = line_of("off-screen pictures")
    assert (line.found, line.state) == (found, state)


def test_says_how_to_get_what_draws(monkeypatch):
    monkeypatch.setattr(gl_backends, "backend_failures", lambda: {"egl": "x", "osmesa": "y"})
    line = line_of("off-screen pictures")
    assert line.state == "optional"
    assert "apt-get install libosmesa6" in line.hint
    assert doctor.main() == 0


def test_pins_are_read(tmp_path):
    file = tmp_path / "requirements.txt"
    file.write_text("# why\nnumpy==2.4.6  # this\n\ntorch==2.13.0\n")
    assert doctor.pins(file) == {"numpy": "2.4.6", "torch": "2.13.0"}
