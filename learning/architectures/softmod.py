"""Soft Modularization: layers of modules that all tasks share, mixed anew for each task and state.

Yang, Xu, Wu, Wang: Multi-Task Reinforcement Learning with Soft Modularization, NeurIPS 2020, arXiv
2003.13661, in the form of its official code. L layers of n modules of d units each; p_l are the
routing weights of `softmod_routing.py`, which see the task:

    f       = MLP(s), its last layer linear             (hidden_sizes; D is its last number)
    x_1,j   = relu(f)                                   for every module j
    x_l+1,k = relu(sum over j of p_l[k, j] Linear_l,j(x_l,j))
    y       = relu(sum over j of p_L[j] Linear_L,j(x_L,j)),   output = Linear(y)

The official code and mtrl (facebookresearch/mtrl) differ, and papers compare with either: each
difference is an option of `softmod_options.py`.

Differences from the official code: weights start as everywhere in this project (Xavier, biases
zero), there from +-1 / sqrt(outputs) with biases of 0.1, the output layer's from +-0.003. Its
batch normalisation, which its configurations leave out, is not here.
"""

from __future__ import annotations

import functools

import torch

from learning.architectures.architecture import Architecture
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.linear_sets import LinearSets
from learning.architectures.shared_linear import SharedLinear
from learning.architectures.softmod_options import SoftmodOptions
from learning.architectures.softmod_routing import SoftmodRouting


class SoftmodArchitecture(Architecture):
    """Soft modules and their routing, shared by a group's tasks; a task owns its embedding.

    Args:
        spec: What it is built from; its options are `SoftmodOptions`.
        generator: The random stream that the weights are drawn from.
    """

    Options = SoftmodOptions

    def __init__(self, spec: ArchitectureSpec, generator: torch.Generator) -> None:
        super().__init__(spec, generator)
        assert isinstance(spec.options, SoftmodOptions)
        self._options = options = spec.options
        n_modules = options.softmod_modules
        linear = functools.partial(
            SharedLinear,
            n_groups=spec.n_groups,
            n_tasks=spec.n_tasks,
            initializer=spec.initializer,
            generator=generator,
        )
        widths = (self.input_size, *options.hidden_sizes)
        self.observation = torch.nn.ModuleList(
            linear(input_size=width, output_sizes=(size,))
            for width, size in zip(widths, options.hidden_sizes, strict=False)
        )
        self.routing = SoftmodRouting(spec, options, generator)
        width = options.softmod_module_width
        outputs: list[tuple[int, ...]] = [(width,)] * options.softmod_layers
        if options.softmod_output == "output_modules":
            outputs[-1] = self.output_sizes
        # The first layer's modules are asked the same: one product, a module's outputs after
        # another's.
        self.first_modules = linear(input_size=widths[-1], output_sizes=outputs[0] * n_modules)
        self.later_modules = torch.nn.ModuleList(
            LinearSets(
                spec,
                n_sets=n_modules,
                input_size=width,
                output_sizes=sizes,
                generator=generator,
            )
            for sizes in outputs[1:]
        )
        self.output: SharedLinear | None = None
        if options.softmod_output != "output_modules":
            self.output = linear(input_size=width, output_sizes=self.output_sizes)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Compute all rows at once; see :meth:`Architecture.forward`."""
        n_rows, batch_size, _ = inputs.shape
        grouped = self._by_group(inputs)
        outputs = self._respond(self._embed(grouped))
        return outputs.reshape(n_rows, batch_size, -1).float()

    def _embed(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return f, shape [g, T * B, D], of inputs [g, T * B, input_size]."""
        *hidden_layers, last_layer = self.observation
        hidden = inputs
        for layer in hidden_layers:
            hidden = layer(hidden).relu_()
        features: torch.Tensor = last_layer(hidden)
        if self._options.softmod_activate_observation == "everywhere":
            return features.relu_()
        return features

    def _respond(self, features: torch.Tensor) -> torch.Tensor:
        """Return the outputs [g, T * B, out] of the observation's embedding [g, T * B, D]."""
        weights = self.routing(features)
        # Not in place: the routing has seen it as it was.
        is_activated = self._options.softmod_activate_observation == "modules"
        hidden = features.relu() if is_activated else features
        # [g, T * B, n, d]: what each module of the layer says.
        answers: torch.Tensor = self.first_modules(hidden)
        answers = answers.view(*answers.shape[:2], self._options.softmod_modules, -1)
        for layer, of_layer in zip(self.later_modules, weights, strict=False):
            heard = self._mix(of_layer, answers)
            answers = layer(heard.transpose(1, 2)).transpose(1, 2)
        if self.output is None:
            return answers.mean(dim=-2)
        if self._options.softmod_output == "routed":
            of_layer = weights[-1]
        else:
            n_modules = answers.shape[2]
            of_layer = answers.new_full((*answers.shape[:2], 1, n_modules), 1.0 / n_modules)
        outputs: torch.Tensor = self.output(self._mix(of_layer, answers).squeeze(-2))
        return outputs

    def _mix(self, weights: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
        """Return what the next layer hears: [.., k, n] and [.., n, d] to [.., k, d]."""
        if self._options.softmod_activation == "before_sum":
            return weights @ answers.relu()
        return (weights @ answers).relu()
