"""One network for all tasks, which is not told the task.

The baseline "Fully-Shared-Behaviors" of QMP (arXiv 2302.00671): every task has the same policy.
"""

from __future__ import annotations

from typing import ClassVar

import torch

from learning.architectures.architecture import Architecture
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.shared_linear import SharedLinear
from learning.architectures.sharing import Sharing
from learning.architectures.trunk import make_trunk


class SharedArchitecture(Architecture):
    """A ReLU perceptron a group, through which all rows of the group pass.

    Args:
        spec: What it is built from.
        generator: The random stream that the weights are drawn from.
    """

    sharing: ClassVar[Sharing] = "everything"
    takes_blocks: ClassVar[bool] = True

    def __init__(self, spec: ArchitectureSpec, generator: torch.Generator) -> None:
        super().__init__(spec, generator)
        self.trunk = make_trunk(spec, generator)
        self.output = SharedLinear(
            n_groups=spec.n_groups,
            n_tasks=spec.n_tasks,
            input_size=spec.options.hidden_sizes[-1],
            output_sizes=self.output_sizes,
            initializer=spec.initializer,
            generator=generator,
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Compute all rows at once; see :meth:`Architecture.forward`."""
        n_rows, batch_size, _ = inputs.shape
        grouped = self._by_group(inputs)
        outputs: torch.Tensor = self.output(self.trunk(grouped))
        return outputs.view(n_rows, batch_size, -1).float()

    def ask_all(self, inputs: torch.Tensor) -> torch.Tensor:
        """Ask the network once, for all rows; see :meth:`Architecture.ask_all`."""
        outputs: torch.Tensor = self.output(self.trunk(inputs.unsqueeze(0)))
        return outputs.float().expand(self.n_tasks, -1, -1)
