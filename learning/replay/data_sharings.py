"""The table of data sharings: a new one is one file with its class and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from learning.options.member import Member
from learning.replay.uds_options import UDSOptions

_HERE = "learning.replay"

DATA_SHARINGS: Mapping[str, Member] = {
    "own": Member(f"{_HERE}.data_sharing:DataSharing"),
    "uds": Member(f"{_HERE}.uds:UDS", UDSOptions),
    "cds": Member(f"{_HERE}.uds:CDS", UDSOptions),
}
"""Data sharings by name."""
