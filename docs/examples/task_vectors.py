"""A state encoder: what follows sees the state, and some numbers that the task has learned."""

import dataclasses

import torch

from learning.options import OptionGroup, option
from learning.state_encoders.state_encoder import StateEncoder


@dataclasses.dataclass(frozen=True, kw_only=True)
class TaskVectorOptions(OptionGroup):
    vector_size: int = option(8, at_least=1, source="chosen by me", help="Numbers of a task.")


class TaskVectors(StateEncoder):
    Options = TaskVectorOptions

    def __init__(self, spec, generator):
        super().__init__(spec, generator)
        vectors = torch.empty(spec.n_tasks, 1, spec.options.vector_size)
        self.vectors = torch.nn.Parameter(vectors.normal_(generator=generator))

    @property
    def output_size(self):
        return self.spec.observation_size + self.vectors.shape[-1]

    def forward(self, observations):
        """Return what follows sees, [T, B, E], of observations [T, B, O]."""
        told = self.vectors.expand(-1, observations.shape[1], -1)
        return torch.cat((observations, told), dim=-1)


STATE_ENCODERS = {"task_vectors": TaskVectors}
