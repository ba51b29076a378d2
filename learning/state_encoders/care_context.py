"""CARE's context: a perceptron of what is known of the task.

    z_ctx = MLP(relu(e_i))

with e_i the task's embedding. One that is given passes layers of 2 w and w units before the two
hidden layers of w units; one that is learned has w numbers and meets these at once.
"""

from __future__ import annotations

import itertools

import numpy as np
import torch

from environments import TaskKnowledge
from learning.architectures.shared_linear import SharedLinear
from learning.errors import ConfigError
from learning.state_encoders.care_options import CareOptions
from learning.state_encoders.state_encoder import StateEncoderSpec


class SharedPerceptron(torch.nn.Module):
    """Linear layers with ReLUs between them, which all tasks share.

    Args:
        spec: That of the encoder.
        sizes: Numbers that enter, units of each hidden layer, numbers that leave.
        generator: The random stream that the weights are drawn from.
    """

    def __init__(
        self, spec: StateEncoderSpec, sizes: tuple[int, ...], generator: torch.Generator
    ) -> None:
        super().__init__()
        self.layers = torch.nn.ModuleList(
            SharedLinear(
                n_groups=1,
                n_tasks=spec.n_tasks,
                input_size=width,
                output_sizes=(size,),
                initializer=spec.initializer,
                generator=generator,
            )
            for width, size in itertools.pairwise(sizes)
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Map [1, T, in] to [1, T, out]."""
        *hidden_layers, last_layer = self.layers
        hidden = inputs
        for layer in hidden_layers:
            hidden = layer(hidden).relu_()
        outputs: torch.Tensor = last_layer(hidden)
        return outputs


class CareContext(torch.nn.Module):
    """Every task's context, whatever the state.

    Args:
        spec: That of the encoder.
        options: Which embedding, and how wide.
        generator: The random stream that the weights are drawn from.

    Raises:
        ConfigError: See :func:`task_embeddings`.
    """

    embedding: torch.Tensor

    def __init__(
        self, spec: StateEncoderSpec, options: CareOptions, generator: torch.Generator
    ) -> None:
        super().__init__()
        width = options.care_width
        given = task_embeddings(options, spec.tasks)
        if given is None:
            # Normal, as torch.nn.Embedding's.
            learned = torch.empty(spec.n_tasks, width).normal_(generator=generator)
            self.embedding = torch.nn.Parameter(learned)
            sizes: tuple[int, ...] = (width,)
        else:
            # Not persistent: a snapshot holds what was learned.
            self.register_buffer("embedding", given, persistent=False)
            sizes = (given.shape[1], 2 * width, width)
        self.perceptron = SharedPerceptron(spec, (*sizes, width, width, width), generator)

    def forward(self) -> torch.Tensor:
        """Return the contexts, shape [1, T, width]."""
        contexts: torch.Tensor = self.perceptron(self.embedding.relu().unsqueeze(0))
        return contexts


def task_embeddings(options: CareOptions, tasks: TaskKnowledge) -> torch.Tensor | None:
    """Return the given embeddings of the tasks, shape [T, d]; None: they are learned.

    Raises:
        ConfigError: The task set has none, and they are asked for.
    """
    n_tasks = len(tasks.names)
    if options.care_embeddings is not None:
        given = np.array(options.care_embeddings, dtype=np.float32)
        return torch.from_numpy(given.reshape(n_tasks, -1))
    if options.care_context == "learned":
        return None
    if options.care_context == "one_hot":
        return torch.eye(n_tasks)
    if tasks.embeddings is None:
        raise ConfigError(
            "care_context = 'task_set': this task set has no embeddings of its tasks; choose "
            "learned or one_hot, or give --care_embeddings FILE"
        )
    return torch.from_numpy(np.array(tasks.embeddings, dtype=np.float32))
