"""What the critics are and what they end in."""

from __future__ import annotations

import dataclasses
from typing import Literal

from learning.errors import ConfigError
from learning.options import option
from learning.q_functions.return_bound_options import ReturnBoundOptions

_BRC = "BRC reference code"


@dataclasses.dataclass(frozen=True, kw_only=True)
class CriticOptions(ReturnBoundOptions):
    """What the critics are and what they end in.

    Raises:
        ConfigError: A value is not allowed, or two do not go together.
    """

    critic: Literal["plain", "normalized", "categorical"] = option(
        "plain",
        new_in=5,
        source="QMP reference code, which has no option for it",
        help="The critics' hidden layers and what they learn. normalized: layer normalisation and "
        "residual blocks (separate, multihead or shared critics); categorical: the same, and a "
        "distribution of returns over atoms, the average of both critics', in place of values.",
    )
    critic_width: int | None = option(
        None,
        at_least=1,
        new_in=5,
        source="chosen by us: as wide as plain ones",
        help="Units of every hidden layer of normalized or categorical critics; none: as the last "
        "of hidden_sizes.",
    )
    critic_blocks: int = option(
        2,
        at_least=1,
        new_in=5,
        source=_BRC,
        help="Residual blocks of normalized or categorical critics, of two layers each.",
    )
    critic_atoms: int = option(
        101, at_least=2, new_in=5, source=_BRC, help="Atoms of categorical critics."
    )
    q_output: Literal["linear", "sigmoid"] = option(
        "linear",
        source="QMP reference code, which has no option for it",
        help="What the critics end in; sigmoid bounds values to (0, 1), for sparse rewards of 0 "
        "and 1.",
    )

    def __post_init__(self) -> None:
        """Check every value, and those that depend on one another; see the class."""
        super().__post_init__()
        if self.critic == "plain" and self.critic_width is not None:
            raise ConfigError(
                f"critic_width = {self.critic_width}: nothing would read it with critic = 'plain', "
                "whose layers are hidden_sizes; choose --critic normalized or categorical"
            )
        if self.critic == "categorical" and self.q_output != "linear":
            raise ConfigError(
                f"q_output = {self.q_output!r}: the atoms bound a categorical critic already; "
                "leave it linear, or choose --critic normalized"
            )

    @property
    def n_blocks(self) -> int | None:
        """Residual blocks of the critics' network; None: it has none."""
        return None if self.critic == "plain" else self.critic_blocks

    @property
    def output_size(self) -> int:
        """Numbers that a critic ends in."""
        return self.critic_atoms if self.critic == "categorical" else 1
