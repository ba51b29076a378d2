"""Ray's token, without which whoever reaches its ports could run programs here."""

from __future__ import annotations

import os
import pathlib
import secrets
import stat

from learning.errors import RayError

_TOKEN = "RAY_AUTH_TOKEN"


def protect_token() -> None:
    """Ask for Ray's token, and make its file readable by its owner alone; Ray leaves it to all.

    Whoever reaches a cluster's ports and has its token can run any program on every node; a cluster
    without a token lets in whoever reaches its ports.

    Raises:
        RayError: Authentication by token is switched off, or there is no token.
    """
    if not _protect():
        raise RayError(
            f"Ray has no token ({_file()}), so that its cluster would let in whoever reaches its "
            "ports: make one before `ray start`, `ray get-auth-token --generate` "
            "(docs/cluster.md)"
        )


def protect_own_token() -> None:
    """Do the same for Ray processes of this process's own; a token that is missing is made.

    It is then an environment variable of this process and theirs, and no file.

    Raises:
        RayError: Authentication by token is switched off.
    """
    if not _protect():
        os.environ[_TOKEN] = secrets.token_hex(32)


def _protect() -> bool:
    """Return whether there is a token."""
    mode = os.environ.setdefault("RAY_AUTH_MODE", "token")
    if mode.lower() != "token":
        raise RayError(
            f"RAY_AUTH_MODE={mode}: without Ray's token whoever reaches its ports can run programs "
            "here; unset it, or set it to token, on every node"
        )
    token = _file()
    if not token.is_file():
        return _TOKEN in os.environ
    if stat.S_IMODE(token.stat().st_mode) != 0o600:
        token.chmod(0o600)
    return True


def _file() -> pathlib.Path:
    default = pathlib.Path.home() / ".ray" / "auth_token"
    return pathlib.Path(os.environ.get("RAY_AUTH_TOKEN_PATH", default))
