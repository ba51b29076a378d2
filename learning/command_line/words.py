"""What a run says of itself where it begins and where it ends."""

from __future__ import annotations

import pathlib
import shlex
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from learning.config.experiment_config import ExperimentConfig
    from learning.experiment.training import RunResult


def say_start(config: ExperimentConfig) -> None:
    """Say where the run writes and what it computes with."""
    threads = f"{config.torch_threads} thread{'s' if config.torch_threads > 1 else ''}"
    device = f"CPU, {threads} of torch" if config.gpu is None else f"GPU {config.gpu}"
    click.echo(f"{config.label} on {config.env}: {config.log_dir} ({device})", err=True)


def say_end(result: RunResult) -> None:
    """Say what came of it, and what can be done with it now."""
    folder = shlex.quote(str(pathlib.Path(result.folder)))
    if result.ended == "had finished":
        click.echo(f"{folder} had finished: nothing is left to train.", err=True)
    if result.ended != "stopped":
        click.echo(f"Now: python run.py plot {folder}, table {folder} or eval {folder}", err=True)
