"""PTSL: shared layers, each with a small layer a task beside it, in a space of few dimensions.

Somerville Roberts, Di: Projected Task-Specific Layers for Multi-Task Reinforcement Learning, ICRA
2024, arXiv 2309.08776. A layer of task i computes

    x_l = D h,   y_l = W_i z_l + b_i,   h' = act(W h + b + U y_l)

with W, b, D and U shared by the tasks and W_i, b_i their own. z_l is x_l, or, from the second layer
on, what a residual makes of x_l, x_(l-1) and y_(l-1). Which layers have a D and a U, and which
share them: :mod:`learning.architectures.ptsl_layer`.

Differences from the reference code: shared weights are drawn as in this project's other networks
(the critics' by the normal Xavier rule); with a residual no projection is left out that would make
what it adds up of unequal size, where the reference ends with an assertion; `ptsl_init = "sound"`
is ours.
"""

from __future__ import annotations

from typing import ClassVar

import torch

from learning.architectures.architecture import Architecture
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.batched_linear import BatchedLinear
from learning.architectures.ptsl_layer import plan_layers
from learning.architectures.ptsl_options import PTSLOptions
from learning.architectures.shared_linear import SharedLinear


class PTSLArchitecture(Architecture):
    """A perceptron a group and, beside each of its layers, low-rank layers of its tasks.

    Args:
        spec: What it is built from.
        generator: The random stream that the weights are drawn from.
    """

    Options: ClassVar[type[PTSLOptions]] = PTSLOptions

    def __init__(self, spec: ArchitectureSpec, generator: torch.Generator) -> None:
        super().__init__(spec, generator)
        options = spec.options
        assert isinstance(options, PTSLOptions)
        self._residual = options.ptsl_residual
        rank = options.ptsl_rank
        self._plan = plan_layers(
            options,
            n_tasks=spec.n_tasks,
            input_size=spec.input_size,
            output_sizes=spec.output_sizes,
        )

        def shared(input_size: int, output_sizes: tuple[int, ...], bias: bool) -> SharedLinear:
            return SharedLinear(
                n_groups=spec.n_groups,
                n_tasks=spec.n_tasks,
                input_size=input_size,
                output_sizes=output_sizes,
                initializer=spec.initializer,
                generator=generator,
                bias=bias,
            )

        self.shared_layers = torch.nn.ModuleList(
            shared(layer.input_size, layer.output_sizes, True) for layer in self._plan
        )
        self.task_layers = torch.nn.ModuleList(
            BatchedLinear(
                n_rows=spec.n_rows,
                input_size=layer.input_size if layer.down is None else rank,
                output_sizes=layer.output_sizes if layer.up is None else (rank,),
                initializer=spec.initializer,
                generator=generator,
            )
            for layer in self._plan
        )
        # By name, since layers may share one; a module of two names would be stored twice.
        self.projections = torch.nn.ModuleDict()
        for layer in self._plan:
            if layer.down is not None and layer.down not in self.projections:
                self.projections[layer.down] = shared(layer.input_size, (rank,), False)
            if layer.up is not None and layer.up not in self.projections:
                self.projections[layer.up] = shared(rank, layer.output_sizes, False)
        if self._residual == "project":
            self.residual_projection = shared(3 * rank, (rank,), False)
        elif self._residual == "linear":
            self.residual_weights = torch.nn.Parameter(torch.full((spec.n_groups, 3, 1, 1), 1 / 3))
        self._initialize(options, generator)

    @torch.no_grad()
    def _initialize(self, options: PTSLOptions, generator: torch.Generator) -> None:
        """Change what is drawn with Xavier's rule, as `ptsl_init` says."""
        is_paper = options.ptsl_init == "paper"
        for name, projection in self.projections.items():
            if is_paper or name.startswith("up"):
                projection.get_parameter("weight").zero_()
        if is_paper:
            for layer in self.task_layers:
                layer.get_parameter("weight").normal_(generator=generator)
            if self._residual == "project":
                self.residual_projection.weight.zero_()

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Compute all rows at once; see :meth:`Architecture.forward`."""
        n_rows, batch_size, _ = inputs.shape
        # The task parts' streams are [g, T * B, ...] as well; only W_i sees a row a task.
        hidden = self._by_group(inputs)
        before: tuple[torch.Tensor, torch.Tensor] | None = None
        *_, last = self._plan
        for layer, shared, of_tasks in zip(
            self._plan, self.shared_layers, self.task_layers, strict=True
        ):
            seen = self._project(layer.down, hidden)
            mixed = seen if before is None else self._mix(seen, *before)
            given = of_tasks(mixed.view(n_rows, batch_size, -1)).view(*hidden.shape[:2], -1)
            before = (seen, given)
            hidden = shared(hidden) + self._project(layer.up, given)
            if layer is not last:
                hidden = hidden.relu_()
        return hidden.view(n_rows, batch_size, -1).float()

    def _project(self, name: str | None, stream: torch.Tensor) -> torch.Tensor:
        """Project a stream [g, T * B, ...]; without a projection it is what it was."""
        if name is None:
            return stream
        projected: torch.Tensor = self.projections[name](stream)
        return projected

    def _mix(self, now: torch.Tensor, seen: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
        """Return z_l of x_l, x_(l-1) and y_(l-1), shape [g, T * B, p] each."""
        if self._residual == "none":
            return now
        if self._residual == "sum":
            return now + seen + given
        if self._residual == "linear":
            first, second, third = self.residual_weights[: len(now)].unbind(dim=1)
            return first * now + second * seen + third * given
        mixed: torch.Tensor = self.residual_projection(torch.cat((now, seen, given), dim=-1))
        return mixed

    def shared_parameters(self) -> list[torch.nn.Parameter]:
        """Add the residual's weights; see :meth:`Architecture.shared_parameters`."""
        own = [self.residual_weights] if self._residual == "linear" else []
        return [*super().shared_parameters(), *own]
