"""The options of `resume` that change where, how or how long a run goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from learning.algorithms.device_options import DeviceOptions
from learning.algorithms.trainer_options import TrainerOptions
from learning.command_line.values import OptionType
from learning.options import options_of
from learning.samplers.sampler_options import SamplerOptions

_HELP = {
    "n_epochs": "Go on to so many epochs, at least as many as the run has.",
    "snapshot_frequency": "Epochs from one snapshot to the next, from now on.",
    "gpu": "Index of the CUDA device to go on on; none: the CPU.",
    "torch_threads": "Threads of torch from now on.",
    "n_workers": "Processes that step the environments from now on.",
}


def with_changes(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that may change in a run."""
    declared: dict[str, Any] = {}
    for group in (TrainerOptions, DeviceOptions, SamplerOptions):
        declared |= options_of(group)
    for name, text in reversed(_HELP.items()):
        help_text = f"{text}  [default: the run's]"
        kind = OptionType(declared[name].option)
        command = click.option(f"--{name}", type=kind, help=help_text)(command)
    return command
