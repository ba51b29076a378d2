"""The routing network of Soft Modularization: how much each module hears of those before it.

Yang, Xu, Wu, Wang: Multi-Task Reinforcement Learning with Soft Modularization, NeurIPS 2020, arXiv
2003.13661, in the form of its official code; `softmod.py` has the network that it routes. For task
i, with the observation's embedding f and the task's z_i = Linear(one-hot of i), both of size D,

    e   = Linear(relu(Linear(relu(f * z_i))))          softmod_embedding = direct: Linear(f * z_i)
    m_1 = e
    m_l = e * Linear([p_1, ..., p_(l-1)])              last: of p_(l-1); last_logits: of q_(l-1)
    q_l = Linear(relu(m_l)),   p_l = softmax(q_l)

p_l is n x n, and its row k says what module k of the next layer hears of the n modules of this one:
rows sum to one. The routing of the last layer is one row.

Differences from the official code:

* z_i is a row of its own for each task. A bias of Linear(one-hot) would be added to all of them
  and is left out.
* The weights that logits come from are drawn from +-0.001, their biases are zero, so that all
  modules are mixed alike at the start; there both are drawn from +-0.003. All other layers are
  initialised as the project's are.
"""

from __future__ import annotations

import functools
import itertools

import torch

from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.batched_linear import BatchedLinear
from learning.architectures.shared_linear import SharedLinear
from learning.architectures.softmod_options import SoftmodOptions

_LOGIT_BOUND = 1e-3


class SoftmodRouting(torch.nn.Module):
    """One routing network a group, shared by its tasks, and an embedding a task.

    Args:
        spec: That of the architecture that is routed; `output_sizes` are not its.
        options: The architecture's own.
        generator: The random stream that the weights are drawn from.
    """

    def __init__(
        self, spec: ArchitectureSpec, options: SoftmodOptions, generator: torch.Generator
    ) -> None:
        super().__init__()
        self._options = options
        self._n_tasks = spec.n_tasks
        size, width = options.hidden_sizes[-1], options.softmod_routing_width
        n_modules, n_layers = options.softmod_modules, options.softmod_layers
        linear = functools.partial(
            SharedLinear,
            n_groups=spec.n_groups,
            n_tasks=spec.n_tasks,
            initializer=spec.initializer,
            generator=generator,
        )
        # Row t of Linear(one-hot)'s weights is all that task t has to do with; so it is its own.
        of_one_hot = BatchedLinear(
            n_rows=spec.n_groups,
            input_size=spec.n_tasks,
            output_sizes=(size,),
            initializer=spec.initializer,
            generator=generator,
        )
        self.tasks = torch.nn.Parameter(of_one_hot.weight.detach().reshape(spec.n_rows, 1, size))
        sizes = (
            (size, width, width) if options.softmod_embedding == "extra_layer" else (size, width)
        )
        self.embedding = torch.nn.ModuleList(
            linear(input_size=before, output_sizes=(after,))
            for before, after in itertools.pairwise(sizes)
        )
        n_logits = [n_modules * n_modules] * (n_layers - 1)
        n_logits += [n_modules] * (options.softmod_output == "routed")
        n_earlier = [
            layer if options.softmod_routing_input == "all" else 1
            for layer in range(1, len(n_logits))
        ]
        self.conditions = torch.nn.ModuleList(
            linear(input_size=each * n_modules * n_modules, output_sizes=(width,))
            for each in n_earlier
        )
        layers = [linear(input_size=width, output_sizes=(size,)) for size in n_logits]
        with torch.no_grad():
            for layer in layers:
                layer.weight.uniform_(-_LOGIT_BOUND, _LOGIT_BOUND, generator=generator)
        self.logits = torch.nn.ModuleList(layers)

    def forward(self, features: torch.Tensor) -> list[torch.Tensor]:
        """Return who hears whom, layer after layer.

        Args:
            features: The observation's embedding, shape [g, T * B, D], task after task.

        Returns:
            The weights p_l, shape [g, T * B, n, n] each: row k is what module k of the next layer
            hears of this layer's. Where the last layer is routed, its [g, T * B, 1, n] is the last.
        """
        options = self._options
        embedding = self._embed(features)
        weights: list[torch.Tensor] = []
        earlier: list[torch.Tensor] = []
        for index, layer in enumerate(self.logits):
            state = embedding
            if earlier:
                seen = earlier if options.softmod_routing_input == "all" else earlier[-1:]
                state = embedding * self.conditions[index - 1](torch.cat(seen, dim=-1))
            logits = layer(state.relu())
            by_module = logits.view(*logits.shape[:2], -1, options.softmod_modules)
            weights.append(by_module.softmax(dim=-1))
            sees_logits = options.softmod_routing_input == "last_logits"
            earlier.append(logits if sees_logits else weights[-1].flatten(-2))
        return weights

    def _embed(self, features: torch.Tensor) -> torch.Tensor:
        """Return e, shape [g, T * B, width], of the observation's embedding [g, T * B, D]."""
        n_rows = features.shape[0] * self._n_tasks
        rows = features.reshape(n_rows, -1, features.shape[2]) * self.tasks[:n_rows]
        embedding: torch.Tensor = rows.view(features.shape)
        if self._options.softmod_embedding == "extra_layer":
            embedding = embedding.relu()
        first, *later = self.embedding
        embedding = first(embedding)
        for layer in later:
            embedding = layer(embedding.relu())
        return embedding
