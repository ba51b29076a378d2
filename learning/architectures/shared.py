"""One network for all tasks, which is not told the task.

The baseline "Fully-Shared-Behaviors" of QMP (arXiv 2302.00671): every task has the same policy.
"""

from __future__ import annotations

from typing import Unpack

import torch

from learning.architectures.architecture import Architecture, ArchitectureArguments
from learning.architectures.shared_linear import SharedLinear
from learning.architectures.trunk import Trunk


class SharedArchitecture(Architecture):
    """A ReLU perceptron a group, through which all rows of the group pass.

    Args:
        **arguments: See :class:`ArchitectureArguments`.
    """

    def __init__(self, **arguments: Unpack[ArchitectureArguments]) -> None:
        super().__init__(**arguments)
        self.trunk = Trunk(**arguments)
        self.output = SharedLinear(
            n_groups=self.n_groups,
            n_tasks=self.n_tasks,
            input_size=arguments["hidden_sizes"][-1],
            output_sizes=self.output_sizes,
            initializer=arguments["initializer"],
            generator=arguments["generator"],
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Compute all rows at once; see :meth:`Architecture.forward`."""
        n_rows, batch_size, _ = inputs.shape
        grouped = inputs.reshape(n_rows // self.n_tasks, self.n_tasks * batch_size, -1)
        outputs: torch.Tensor = self.output(self.trunk(grouped))
        return outputs.view(n_rows, batch_size, -1).float()

    def ask_all(self, inputs: torch.Tensor) -> torch.Tensor:
        """Ask the network once, for all rows; see :meth:`Architecture.ask_all`."""
        outputs: torch.Tensor = self.output(self.trunk(inputs.unsqueeze(0)))
        return outputs.float().expand(self.n_tasks, -1, -1)
