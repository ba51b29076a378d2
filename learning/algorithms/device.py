"""Where and with how many threads torch computes."""

from __future__ import annotations

import torch

from learning.algorithms.device_options import DeviceOptions
from learning.errors import ConfigError
from learning.garage_bridge.garage_compat import set_gpu_mode, set_seed


def prepare_torch(options: DeviceOptions, seed: int) -> torch.device:
    """Set threads, seeds and device; return the device.

    Raises:
        ConfigError: The GPU is not there.
    """
    require_device(options)
    torch.set_num_threads(options.torch_threads)
    # Our own parts draw from named streams; this is for whatever else draws.
    set_seed(seed)
    if options.gpu is None:
        set_gpu_mode(False)
        return torch.device("cpu")
    set_gpu_mode(True, gpu_id=options.gpu)
    return torch.device("cuda", options.gpu)


def require_device(options: DeviceOptions) -> None:
    """Refuse a device that is not there.

    Raises:
        ConfigError: The GPU is not there.
    """
    n_devices = 0 if options.gpu is None else torch.cuda.device_count()
    if options.gpu is not None and options.gpu >= n_devices:
        raise ConfigError(
            f"gpu = {options.gpu}: this torch sees {n_devices} CUDA devices; leave --gpu out for "
            "the CPU, or run `python run.py doctor`"
        )
