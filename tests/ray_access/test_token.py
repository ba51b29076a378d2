"""Ray's token is asked for, and nobody else can read it."""

import os
import stat

import pytest

from learning.errors import RayError
from learning.ray_access.token import protect_own_token, protect_token


@pytest.fixture
def token(tmp_path, monkeypatch):
    """The path of a token that is not there yet; the environment is put back."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN"):
        os.environ.pop(name, None)
    os.environ["RAY_AUTH_TOKEN_PATH"] = str(tmp_path / "token")
    return tmp_path / "token"


@pytest.mark.parametrize("protect", [protect_token, protect_own_token])
def test_the_token_is_its_owners_alone(protect, token):
    token.write_text("secret")
    token.chmod(0o644)
    protect()
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert os.environ["RAY_AUTH_MODE"] == "token"
    assert "RAY_AUTH_TOKEN" not in os.environ


@pytest.mark.parametrize("protect", [protect_token, protect_own_token])
def test_a_token_that_is_given_by_variable_stays(protect, token):
    os.environ["RAY_AUTH_TOKEN"] = "given"
    protect()
    assert os.environ["RAY_AUTH_TOKEN"] == "given"
    assert not token.exists()


def test_a_clusters_token_must_be_there(token):
    with pytest.raises(RayError, match="Ray has no token"):
        protect_token()
    assert not token.exists()


def test_own_processes_get_a_new_token_each_time_and_no_file(token):
    tokens = set()
    for _ in range(2):
        protect_own_token()
        tokens.add(os.environ.pop("RAY_AUTH_TOKEN"))
    assert len(tokens) == 2
    assert all(len(each) == 64 for each in tokens)
    assert not token.exists()


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize("protect", [protect_token, protect_own_token])
def test_authentication_stays_on(protect):
    os.environ["RAY_AUTH_MODE"] = "disabled"
    with pytest.raises(RayError, match="RAY_AUTH_MODE=disabled: without Ray's token"):
        protect()
