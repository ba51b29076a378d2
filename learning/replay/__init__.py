"""The data axis: all tasks' transitions in one store, and whose of them an update sees.

A new data sharing is one file with its class and one line here.
"""

from collections.abc import Mapping

from learning.replay.data_sharing import DataParts, DataSharing
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.transition_batch import TransitionBatch
from learning.replay.uds import CDS, UDS

DATA_SHARINGS: Mapping[str, type[DataSharing]] = {"own": DataSharing, "uds": UDS, "cds": CDS}
"""Data sharings by name."""

__all__ = [
    "DATA_SHARINGS",
    "DataParts",
    "DataSharing",
    "MultiTaskReplayBuffer",
    "TransitionBatch",
]
