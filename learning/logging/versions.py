"""What a run was made with: versions, machine, revision and command."""

import importlib.metadata
import pathlib
import platform
import shlex
import subprocess
import sys
from typing import Any

import torch

PACKAGES = (
    "torch",
    "numpy",
    "scipy",
    "garage",
    "akro",
    "dowel",
    "gymnasium",
    "gymnasium-robotics",
    "mujoco",
    "metaworld",
    "safetensors",
    "click",
    "tensorboardX",
    "matplotlib",
    "tqdm",
    "psutil",
    "ray",
    "wandb",
)
"""Packages whose version is recorded."""

PROJECT = pathlib.Path(__file__).resolve().parents[2]
"""Folder of this project."""


def collect_versions(gpu: int | None) -> dict[str, Any]:
    """Return everything that the record says of versions and machine, JSON-able.

    Args:
        gpu: Index of the CUDA device in use; None: the CPU.
    """
    return {
        "command": shlex.join(sys.argv),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": _cpu_name(),
        "gpu": None if gpu is None else torch.cuda.get_device_name(gpu),
        "cuda": torch.version.cuda,
        "torch_threads": torch.get_num_threads(),
        "packages": package_versions(),
        "git": git_revision(PROJECT),
    }


def package_versions() -> dict[str, str | None]:
    """Return the packages' versions; None of those that are not installed."""
    return {package: _version(package) for package in PACKAGES}


def git_revision(folder: pathlib.Path) -> dict[str, Any] | None:
    """Return the revision of the repository whose top is `folder`, and whether files differ.

    Returns:
        Revision, and whether tracked files differ from it; None without git, without a repository
        there, or before its first commit.
    """
    top = _git(folder, "rev-parse", "--show-toplevel")
    revision = _git(folder, "rev-parse", "HEAD")
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no")
    if top is None or revision is None or changes is None:
        return None
    # The revision of a repository further up says nothing of this folder.
    if pathlib.Path(top).resolve() != folder.resolve():
        return None
    return {"revision": revision, "dirty": bool(changes)}


def _git(folder: pathlib.Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cpu_name() -> str:
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
