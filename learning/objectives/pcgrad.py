"""PCGrad: where two tasks' gradients conflict, each gives up what opposes the other.

Yu et al.: Gradient Surgery for Multi-Task Learning, NeurIPS 2020, arXiv 2001.06782, algorithm 1.
For task i, and for the other tasks j in a random order,

    if g_i . g_j < 0:   g_i -= (g_i . g_j) / |g_j|^2  g_j

where g_i is what earlier projections left of it and g_j is task j's gradient as it came. What is
projected are the gradients of the parameters that tasks share, all of a network's as one vector a
task; twin critics are two networks, or one where they have a state encoder in common. Heads keep
their own gradients.

Differences from the paper and from QMP's reference code (arXiv 2302.00671):

* The results are added up, as the losses are; both take their mean. Adam does not see a factor on
  all of a parameter's gradients, up to its epsilon.
* The reference divides the heads' gradients by T as well, since it takes a gradient that is absent
  for one of zero. That too is a factor, and is not repeated.
* One backward pass leaves every task's gradient of a :class:`SharedLinear`; the reference runs T of
  them through a retained graph. So does this for shared parameters of another kind.

Every result is a sum of the g_k, so only T x T numbers are projected: the coefficients c of
``g_i = sum over k of c_ik g_k``, by the gradients' inner products.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch

from learning.architectures.architecture import Architecture
from learning.architectures.shared_linear import SharedLinear
from learning.architectures.sharing import Sharing
from learning.objectives.objective import Backward, Objective, ObjectiveParts, Part, add_up
from learning.options import OptionGroup
from learning.snapshots.state import State
from learning.streams import numpy_stream, numpy_stream_state, set_numpy_stream_state

Array = npt.NDArray[np.float64]


TaskGradients = list[tuple[torch.nn.Parameter, torch.Tensor]]
"""Parameters [G, ...] and their gradients by task [G, T, ...]."""


class PCGrad(Objective):
    """Projects conflicting gradients of shared parameters.

    Args:
        parts: What it is built from.
        options: It has none.
    """

    def __init__(self, parts: ObjectiveParts, options: OptionGroup) -> None:
        super().__init__(parts, options)
        self._random: np.random.Generator = numpy_stream(parts.seed, "objective")
        self._conflict_shares: dict[Part, list[float]] = {"policy": [], "critics": []}

    @classmethod
    def problem_with(cls, options: OptionGroup, *, policy: Sharing, critics: Sharing) -> str | None:
        """See :meth:`Objective.problem_with`."""
        del options
        if policy == critics == "nothing":
            return (
                "separate networks share no parameters, so no gradients can conflict; choose "
                "multihead or shared"
            )
        return None

    @contextlib.contextmanager
    def gradients_of(self, part: Part, architecture: Architecture) -> Iterator[Backward]:
        """See :meth:`Objective.gradients_of`; without shared parameters nothing is changed."""
        shared = architecture.shared_parameters()
        if not shared:
            yield add_up
            return
        # Not those that a policy holds of the critics, which its loss does not train.
        layers = [
            module
            for module in architecture.modules()
            if isinstance(module, SharedLinear) and module.weight.requires_grad
        ]
        followed = {id(each) for layer in layers for each in layer.parameters(recurse=False)}
        others = [parameter for parameter in shared if id(parameter) not in followed]
        gradients: TaskGradients = []

        def backward(losses: torch.Tensor) -> None:
            # First, since `add_up` frees the graph.
            gradients.extend(_task_by_task(losses, others))
            add_up(losses)

        with contextlib.ExitStack() as stack:
            for layer in layers:
                stack.enter_context(layer.by_task())
            yield backward
            gradients = [pair for layer in layers for pair in layer.task_gradients()] + gradients
        self._project(part, gradients)

    def _project(self, part: Part, gradients: TaskGradients) -> None:
        if not gradients:
            raise RuntimeError("no loss was differentiated with respect to shared parameters")
        by_task = [gradient.reshape(*gradient.shape[:2], -1) for _, gradient in gradients]
        of_parameters = [each @ each.mT for each in by_task]
        if len({len(each) for each in by_task}) > 1:
            # Some belong to both critics, which are one network then.
            of_parameters = [each.sum(dim=0, keepdim=True) for each in of_parameters]
        products = torch.stack(of_parameters).sum(dim=0)
        # float64, since the rounding of T - 1 projections adds up, and the numbers are few.
        inner_products = products.cpu().numpy().astype(np.float64)
        n_groups, n_tasks, _ = inner_products.shape
        orders = random_orders(n_groups, n_tasks, self._random)
        coefficients = projection_coefficients(inner_products, orders)
        self._conflict_shares[part].append(conflict_share(inner_products))
        totals = torch.from_numpy(coefficients.sum(axis=1, keepdims=True)).to(products)
        for (parameter, _), each in zip(gradients, by_task, strict=True):
            # Replaces the plain sum that `add_up` left in a parameter of no SharedLinear.
            parameter.grad = (totals @ each).view_as(parameter)

    def read_statistics(self) -> dict[str, float]:
        """Return the share of conflicting pairs, the mean since the last call; NaN: none shared."""
        means = {
            f"Objective/{part}/ConflictShare": float(np.mean(shares)) if shares else np.nan
            for part, shares in self._conflict_shares.items()
        }
        for shares in self._conflict_shares.values():
            shares.clear()
        return means

    def get_state(self) -> State:
        """Return where the stream of orders stands."""
        return State(values={"random": numpy_stream_state(self._random)})

    def set_state(self, state: State) -> None:
        """See :meth:`Objective.set_state`."""
        set_numpy_stream_state(self._random, state.value("random"))


def _task_by_task(losses: torch.Tensor, parameters: list[torch.nn.Parameter]) -> TaskGradients:
    """Return the parameters' gradients by task, of one backward pass a task.

    Args:
        losses: One a task, shape [..., T], of all groups.
        parameters: Shape [G, ...] each; a group's slice is reached by the group's losses alone.
    """
    if not parameters:
        return []
    passes = [
        torch.autograd.grad(
            losses[..., task].sum(), parameters, retain_graph=True, materialize_grads=True
        )
        for task in range(losses.shape[-1])
    ]
    return [
        (parameter, torch.stack(gradients, dim=1))
        for parameter, gradients in zip(parameters, zip(*passes, strict=True), strict=True)
    ]


def random_orders(
    n_groups: int, n_tasks: int, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return for each task of each group the others in a random order, int64 [G, T, T - 1]."""
    keys = random.random((n_groups, n_tasks, n_tasks))
    own = np.arange(n_tasks)
    keys[:, own, own] = 1.0  # The largest: a task itself comes last, and is cut off.
    orders: npt.NDArray[np.int64] = keys.argsort(axis=-1)[..., :-1]
    return orders


def projection_coefficients(inner_products: Array, orders: npt.NDArray[np.int64]) -> Array:
    """Return c [G, T, T]: task i's projected gradient is the sum over k of ``c[g, i, k] g_k``.

    All tasks of all groups are projected side by side, in T - 1 steps.

    Args:
        inner_products: The gradients' ``g_i . g_j``, shape [G, T, T].
        orders: For each task the others, in the order of projection, shape [G, T, T - 1].
    """
    n_groups, n_tasks, _ = inner_products.shape
    coefficients = np.tile(np.eye(n_tasks), (n_groups, 1, 1))
    group, task = np.ogrid[:n_groups, :n_tasks]
    for step in range(n_tasks - 1):
        other = orders[..., step]
        products = (coefficients * inner_products[group, other]).sum(axis=-1)
        # A product with a gradient of zero is not negative, so that nothing is divided by zero.
        squares = np.where(products < 0.0, inner_products[group, other, other], 1.0)
        coefficients[group, task, other] -= np.minimum(products, 0.0) / squares
    return coefficients


def conflict_share(inner_products: Array) -> float:
    """Return the share of pairs of tasks whose gradients conflict; 0 where there is no pair.

    Args:
        inner_products: As above; a gradient never conflicts with itself.
    """
    n_groups, n_tasks, _ = inner_products.shape
    n_pairs = n_groups * n_tasks * (n_tasks - 1)
    return float((inner_products < 0.0).sum() / max(1, n_pairs))
