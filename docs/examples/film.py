"""An architecture: one trunk for all tasks, whose units each task scales for itself (FiLM)."""

import dataclasses

import torch

from learning.architectures.architecture import Architecture
from learning.architectures.architecture_options import ArchitectureOptions
from learning.architectures.shared_linear import SharedLinear
from learning.architectures.trunk import Trunk
from learning.options import option


@dataclasses.dataclass(frozen=True, kw_only=True)
class FilmOptions(ArchitectureOptions):
    film_scale: float = option(1.0, above=0, source="chosen by me", help="Scales at the start.")


class Film(Architecture):
    Options = FilmOptions
    sharing = "some"

    def __init__(self, spec, generator):
        super().__init__(spec, generator)
        width = spec.options.hidden_sizes[-1]
        sizes = {"n_groups": spec.n_groups, "n_tasks": spec.n_tasks, "input_size": width}
        weights = {"initializer": spec.initializer, "generator": generator}
        self.trunk = Trunk(spec, generator)
        self.output = SharedLinear(output_sizes=spec.output_sizes, **sizes, **weights)
        scales = torch.full((spec.n_rows, 1, width), spec.options.film_scale)
        self.scales = torch.nn.Parameter(scales)

    def forward(self, inputs):
        n_rows, batch_size, _ = inputs.shape  # [g * T, B, in] becomes [g * T, B, out]
        grouped = inputs.reshape(n_rows // self.n_tasks, self.n_tasks * batch_size, -1)
        hidden = self.trunk(grouped).view(n_rows, batch_size, -1) * self.scales[:n_rows]
        return self.output(hidden.view(*grouped.shape[:2], -1)).view(n_rows, batch_size, -1).float()


ARCHITECTURES = {"film": Film}
