"""One trunk for all tasks and a linear head for each.

"Parameters" of QMP (arXiv 2302.00671) and the networks of MT-Levy (arXiv 2509.20766). A head's
outputs are the mean and log standard deviation before the tanh; the reference code of QMP squashes
a head's mean twice, which bounds its actions to +-0.76 and is not repeated here.
"""

from __future__ import annotations

from typing import Unpack

import torch

from learning.architectures.architecture import Architecture, ArchitectureArguments
from learning.architectures.batched_linear import BatchedLinear
from learning.architectures.trunk import Trunk


class MultiheadArchitecture(Architecture):
    """A trunk of ReLU layers a group, and a head a row.

    Args:
        **arguments: See :class:`ArchitectureArguments`.
    """

    def __init__(self, **arguments: Unpack[ArchitectureArguments]) -> None:
        super().__init__(**arguments)
        self.trunk = Trunk(**arguments)
        self.heads = BatchedLinear(
            n_rows=self.n_groups * self.n_tasks,
            input_size=arguments["hidden_sizes"][-1],
            output_sizes=self.output_sizes,
            initializer=arguments["initializer"],
            generator=arguments["generator"],
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Compute all rows at once; see :meth:`Architecture.forward`."""
        n_rows, batch_size, _ = inputs.shape
        grouped = inputs.reshape(n_rows // self.n_tasks, self.n_tasks * batch_size, -1)
        outputs: torch.Tensor = self.heads(self.trunk(grouped).view(n_rows, batch_size, -1))
        return outputs.float()

    def ask_all(self, inputs: torch.Tensor) -> torch.Tensor:
        """Pass the trunk once and ask every head; see :meth:`Architecture.ask_all`."""
        hidden = self.trunk(inputs.unsqueeze(0)).expand(self.n_tasks, -1, -1)
        outputs: torch.Tensor = self.heads(hidden)
        return outputs.float()
