"""Networks see the state and numbers that were learned of the task.

As BRC has them (Nauman et al. 2025, arXiv 2505.23150), for one network that serves all tasks:

    task i sees  [s, e_i / |e_i|]

The critics' losses alone train e; the policies hold a copy of the critics'. At the start e is
normal, so that the directions are uniform over the sphere.
"""

from __future__ import annotations

from typing import ClassVar

import torch

from learning.options import OptionGroup
from learning.state_encoders.state_encoder import StateEncoder, StateEncoderSpec
from learning.state_encoders.task_embedding_options import TaskEmbeddingOptions


class TaskEmbeddingEncoder(StateEncoder):
    """The state, joined by a unit vector a task.

    Args:
        spec: What it is built from.
        generator: The random stream that the vectors are drawn from.
    """

    Options: ClassVar[type[OptionGroup]] = TaskEmbeddingOptions

    def __init__(self, spec: StateEncoderSpec, generator: torch.Generator) -> None:
        super().__init__(spec, generator)
        assert isinstance(spec.options, TaskEmbeddingOptions)
        vectors = torch.empty(spec.n_tasks, 1, spec.options.task_embedding_size)
        self.vectors = torch.nn.Parameter(vectors.normal_(generator=generator))

    @property
    def output_size(self) -> int:
        """Numbers of an observation and of a task."""
        return self.spec.observation_size + self.vectors.shape[-1]

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """Return the states joined by their tasks' vectors; see the base."""
        units = torch.nn.functional.normalize(self.vectors, dim=-1)
        told = units.expand(-1, observations.shape[1], -1)
        return torch.cat((observations, told), dim=-1)

    def trained_by_critics(self) -> list[torch.Tensor]:
        """Return the vectors; see the base."""
        return [self.vectors]
