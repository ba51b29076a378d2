"""The options of Soft Modularization: its sizes, and where its published forms differ.

The defaults are the official code's form. mtrl's is softmod_embedding = direct,
softmod_activate_observation = never, softmod_routing_input = last_logits,
softmod_activation = before_sum and softmod_output = output_modules.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

from learning.architectures.architecture_options import ArchitectureOptions
from learning.errors import ConfigError
from learning.options import option

_CODE = "Soft Modularization's official code"
_SHALLOW = _CODE + ", its shallow network"

EmbeddingForm = Literal["extra_layer", "direct"]
"""How the product of observation and task becomes the routing network's input."""
ObservationForm = Literal["modules", "everywhere", "never"]
"""Where the observation's embedding is activated."""
RoutingInput = Literal["all", "last", "last_logits"]
"""What of the earlier routings a layer's routing sees."""
ActivationPlace = Literal["after_sum", "before_sum"]
"""On which side of the weighted sum of modules the ReLU stands."""
OutputForm = Literal["routed", "mean", "output_modules"]
"""How the last layer's modules become the output."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SoftmodOptions(ArchitectureOptions):
    """Sizes and form of the modules and of the network that routes between them.

    `hidden_sizes` are the layers of the observation's embedding alone: its last number is D, the
    size of the observation's and of the tasks' embeddings, and those before it are hidden layers.

    Raises:
        ConfigError: A value is not allowed, or two do not go together.
    """

    softmod_modules: int = option(
        2, at_least=1, source=_SHALLOW, help="Modules of each layer of soft modules: n."
    )
    softmod_layers: int = option(2, at_least=1, source=_SHALLOW, help="Layers of soft modules: L.")
    softmod_module_width: int = option(
        256, at_least=1, source=_SHALLOW, help="Units of a soft module: d."
    )
    softmod_routing_width: int = option(
        256, at_least=1, source=_CODE, help="Units of the layers that route between soft modules."
    )
    softmod_embedding: EmbeddingForm = option(
        "extra_layer",
        source=_CODE,
        help="What the product of the observation's and the task's embedding passes before it "
        "routes: ReLU, a hidden layer and a linear layer (extra_layer), or a linear layer alone "
        "(direct).",
    )
    softmod_activate_observation: ObservationForm = option(
        "modules",
        source=_CODE,
        help="Where the observation's embedding passes a ReLU: before the modules, before modules "
        "and routing (everywhere), or nowhere (never).",
    )
    softmod_routing_input: RoutingInput = option(
        "all",
        source=_CODE,
        help="What a layer's routing sees of earlier ones: all weights, the last layer's weights, "
        "or its logits before the softmax.",
    )
    softmod_activation: ActivationPlace = option(
        "after_sum",
        source=_CODE,
        help="Whether the ReLU comes after the weighted sum of modules or before it.",
    )
    softmod_output: OutputForm = option(
        "routed",
        source=_CODE,
        help="How the last modules give the output: weighed by a routing of their own, or by their "
        "plain mean, and then ReLU and a linear layer; or as the mean of modules that are output "
        "layers (output_modules).",
    )

    def __post_init__(self) -> None:
        """Check every value, and those that depend on one another; see the class."""
        super().__post_init__()
        if self.softmod_layers == 1 and self.softmod_output != "routed":
            raise ConfigError(
                f"softmod_output = {self.softmod_output!r} with softmod_layers = 1: nothing would "
                "be routed, and the network would not be told the task; allowed is 'routed', or "
                "softmod_layers of 2 or more"
            )
