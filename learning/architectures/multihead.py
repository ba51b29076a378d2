"""One trunk for all tasks and a linear head for each.

"Parameters" of QMP (arXiv 2302.00671) and the networks of MT-Levy (arXiv 2509.20766). A head's
outputs are the mean and log standard deviation before the tanh; the reference code of QMP squashes
a head's mean twice, which bounds its actions to +-0.76 and is not repeated here.
"""

from __future__ import annotations

from typing import ClassVar

import torch

from learning.architectures.architecture import Architecture
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.batched_linear import BatchedLinear
from learning.architectures.trunk import make_trunk


class MultiheadArchitecture(Architecture):
    """A trunk of ReLU layers a group, and a head a row.

    Args:
        spec: What it is built from.
        generator: The random stream that the weights are drawn from.
    """

    takes_blocks: ClassVar[bool] = True

    def __init__(self, spec: ArchitectureSpec, generator: torch.Generator) -> None:
        super().__init__(spec, generator)
        self.trunk = make_trunk(spec, generator)
        self.heads = BatchedLinear(
            n_rows=spec.n_rows,
            input_size=spec.options.hidden_sizes[-1],
            output_sizes=self.output_sizes,
            initializer=spec.initializer,
            generator=generator,
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Compute all rows at once; see :meth:`Architecture.forward`."""
        n_rows, batch_size, _ = inputs.shape
        grouped = self._by_group(inputs)
        outputs: torch.Tensor = self.heads(self.trunk(grouped).view(n_rows, batch_size, -1))
        return outputs.float()

    def ask_all(self, inputs: torch.Tensor) -> torch.Tensor:
        """Pass the trunk once and ask every head; see :meth:`Architecture.ask_all`."""
        hidden = self.trunk(inputs.unsqueeze(0)).expand(self.n_tasks, -1, -1)
        outputs: torch.Tensor = self.heads(hidden)
        return outputs.float()
