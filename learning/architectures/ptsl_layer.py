"""The layers of PTSL: their sizes, and which of them project.

A projection that would cost more parameters than it spares is left out, as in the reference code:
with T tasks and rank p, a layer in -> out has its own

    D, in -> p,   iff   in p + T (p + 1) p   <=  T (in + 1) p
    U, p -> out,  iff  out p + T (q + 1) p   <=  T (q + 1) out

where q is what the task's layer sees: p where there is a D, else in. Without its D a task's layer
sees the layer's input, without its U it gives the layer's output. A projection that several layers
share is never left out.
"""

from __future__ import annotations

import dataclasses
import itertools

from learning.architectures.ptsl_options import PTSLOptions


@dataclasses.dataclass(frozen=True, kw_only=True)
class PTSLLayer:
    """One layer.

    Attributes:
        input_size: Inputs of the layer.
        output_sizes: Its outputs, head after head.
        down: Name of its projection D; None: it has none.
        up: Name of its projection U; None: it has none.
    """

    input_size: int
    output_sizes: tuple[int, ...]
    down: str | None
    up: str | None


def plan_layers(
    options: PTSLOptions, *, n_tasks: int, input_size: int, output_sizes: tuple[int, ...]
) -> tuple[PTSLLayer, ...]:
    """Return the layers from first to last; layers that name the same projection share it.

    Where projections are shared, all but the last layer have one U and all but the first one D. A
    residual adds what the layers' task parts see and give, so that it takes all of them to be of
    size p: then every layer has its D, and every hidden one its U.

    Args:
        options: Hidden layers, rank, and what is shared.
        n_tasks: Tasks T.
        input_size: Inputs of the network.
        output_sizes: Its outputs, head after head.
    """
    rank, last = options.ptsl_rank, len(options.hidden_sizes)
    is_shared = options.ptsl_projection == "shared"
    has_residual = options.ptsl_residual != "none"
    sizes = [(input_size,), *((size,) for size in options.hidden_sizes), output_sizes]
    layers = []
    for index, ((inputs, *_), outputs) in enumerate(itertools.pairwise(sizes)):
        down: str | None = "down" if is_shared and index > 0 else f"down_{index}"
        up: str | None = "up" if is_shared and index < last else f"up_{index}"
        if down != "down" and not has_residual and not _spares_down(inputs, rank, n_tasks):
            down = None
        seen = inputs if down is None else rank
        needs_up = has_residual and index < last
        if up != "up" and not needs_up and not _spares_up(seen, sum(outputs), rank, n_tasks):
            up = None
        layers.append(PTSLLayer(input_size=inputs, output_sizes=outputs, down=down, up=up))
    return tuple(layers)


def _spares_down(inputs: int, rank: int, n_tasks: int) -> bool:
    """Whether a D of its own costs a layer no more parameters than it spares."""
    return inputs * rank + n_tasks * (rank + 1) * rank <= n_tasks * (inputs + 1) * rank


def _spares_up(seen: int, outputs: int, rank: int, n_tasks: int) -> bool:
    """Whether a U of its own costs no more than it spares, the task's layer seeing `seen`."""
    return outputs * rank + n_tasks * (seen + 1) * rank <= n_tasks * (seen + 1) * outputs
