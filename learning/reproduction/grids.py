"""Which grids there are to reproduce."""

from __future__ import annotations

import pathlib

from learning.errors import ConfigError

EXPERIMENTS = pathlib.Path(__file__).parents[2] / "experiments"
"""The grids of the papers."""


def grid_names() -> list[str]:
    """Return the names of the papers' grids, sorted."""
    return sorted(path.stem for path in EXPERIMENTS.glob("*.toml"))


def find_grid(name: str) -> pathlib.Path:
    """Return the file of a grid.

    Args:
        name: A name of `grid_names`, or the path of a grid of one's own.

    Raises:
        ConfigError: There is no such grid.
    """
    if name in grid_names():
        return EXPERIMENTS / f"{name}.toml"
    path = pathlib.Path(name)
    if path.suffix == ".toml" and path.is_file():
        return path
    raise ConfigError(
        f"{name!r} is no grid: allowed is the path of a TOML file, or one of "
        f"{', '.join(grid_names())}"
    )
