"""What a run is, read from its record without the code that made it."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

from environments.plugin_files import PluginFile
from learning.disk.reading import json_of
from learning.errors import ConfigError
from learning.logging.run_folder import CONFIG_FILE, read_file

READABLE_VERSIONS = (2, 3, 4, 5)
"""Versions of `config.json` that are read here; the last one is written. Version 2 held every
option, whether anything read it or not; its runs can be evaluated and drawn, not resumed. Later
versions lack axes and options that came after them, and have what the program did before."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunDescription:
    """Which run it is.

    Attributes:
        method: Row of the method table.
        env: Id of the task set.
        name: Name of the run.
        seed: Its seed.
        values: All keys and values of its `config.json`.
        plugins: The user's own files that it is made of.
    """

    method: str
    env: str
    name: str
    seed: int
    values: dict[str, Any]
    plugins: tuple[PluginFile, ...]


def read_description(run_dir: pathlib.Path) -> RunDescription:
    """Read which run a folder holds.

    Raises:
        RecordError: The folder holds no run.
        ConfigError: Its config.json is damaged, or of a version that is not read here.
    """
    path = run_dir / CONFIG_FILE
    values = parse_config(read_file(run_dir, CONFIG_FILE))
    kinds = {"method": str, "env": str, "name": str, "seed": int}
    for key, kind in kinds.items():
        if type(values.get(key)) is not kind:
            raise ConfigError(f"{path}: {key} = {values.get(key)!r} is not what a run has there")
    plugins = values.get("plugins", [])
    try:
        files = tuple(PluginFile(str(each["name"]), str(each["sha256"])) for each in plugins)
    except (TypeError, KeyError) as error:
        raise ConfigError(f"{path}: plugins = {plugins!r}: names with sha256 wanted") from error
    return RunDescription(**{key: values[key] for key in kinds}, values=values, plugins=files)


def parse_config(text: str) -> dict[str, Any]:
    """Return the content of a `config.json`, checked to be of a version that is read here.

    Raises:
        ConfigError: It is not.
    """
    try:
        values = json_of(text)
    except ValueError as error:
        raise ConfigError(f"the config is no JSON text: {error}") from error
    if not isinstance(values, dict) or "config_version" not in values:
        raise ConfigError("the config is no JSON object with a config_version")
    if values["config_version"] not in READABLE_VERSIONS:
        raise ConfigError(
            f"the config has config_version {values['config_version']!r} and this program reads "
            f"version {' and '.join(map(str, READABLE_VERSIONS))}: use the program that wrote it "
            "(its revision: versions.json)"
        )
    return values
