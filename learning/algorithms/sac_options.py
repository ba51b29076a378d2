"""The options of :class:`~learning.algorithms.multi_task_sac.MultiTaskSAC`."""

from __future__ import annotations

import dataclasses
from typing import Literal

from learning.errors import ConfigError
from learning.options import OptionGroup, option

_CODE = "QMP reference code, run.py"
_NO_OPTION = "QMP reference code, which has no option for it"
_OURS = "chosen by us"


@dataclasses.dataclass(frozen=True, kw_only=True)
class SACOptions(OptionGroup):
    """How much is updated, how, and with what.

    T is the number of tasks and A the action size.

    Raises:
        ConfigError: A value is not allowed, or two do not go together.
    """

    steps_per_epoch: int = option(
        10, at_least=1, source=_OURS, help="Steps of collecting and learning in an epoch."
    )
    update_schedule: Literal["per_task", "shared"] = option(
        "per_task",
        new_in=4,
        source="QMP reference code, networks of their own; where policy or critics share "
        "parameters: shared, as its networks that do",
        help="What is counted: per_task, gradient steps of every task, each on a batch of its own; "
        "shared, updates of the network that tasks share, each on a batch of all tasks.",
    )
    gradient_steps_per_itr: int = option(
        "50 a task",
        rule=lambda tasks: 50 * tasks,
        at_least=1,
        source=_OURS,
        help="Gradient steps in a step. By update_schedule, shared: as many updates. per_task: in "
        "total over the tasks, a multiple of T, since each batched update is one gradient step for "
        "every task. The update-to-data ratio is this over batch_size.",
    )
    first_gradient_steps: int | None = option(
        None,
        at_least=1,
        new_in=4,
        source=_NO_OPTION,
        help="Gradient steps once, after the collection that fills the buffer to its minimum, "
        "counted as gradient_steps_per_itr; none: as many as in any step.",
    )
    buffer_batch_size: int = option(
        256,
        at_least=1,
        source=_OURS,
        help="Transitions in a gradient step's batch, by update_schedule per task or (shared) in "
        "total over the tasks, which take turns where T does not divide it; with shared data, the "
        "own ones.",
    )
    min_buffer_size: int = option(
        5000,
        at_least=0,
        source=_OURS,
        help="Transitions gathered before the first gradient step, per task.",
    )
    lr: float = option(
        3e-4,
        above=0,
        source=_CODE,
        help="Adam's learning rate for policies, critics and temperatures.",
    )
    weight_decay: float = option(
        0.0,
        at_least=0,
        new_in=5,
        source=_NO_OPTION,
        help="Share, times lr, of each weight of policies and critics that a step takes off: AdamW "
        "in place of Adam; 0: Adam.",
    )
    alpha_lr: float | None = option(
        None, above=0, source=_NO_OPTION, help="Adam's learning rate for temperatures; none: lr."
    )
    alpha_beta1: float = option(
        0.9,
        at_least=0,
        at_most=0.999,
        new_in=5,
        source="Adam's default",
        help="Adam's beta1 for temperatures: the share of the mean gradient that stays in a step.",
    )
    temperature: Literal["per_task", "single"] = option(
        "per_task",
        source="QMP reference code, separate networks",
        help="One temperature a task, or one for all tasks.",
    )
    temperature_loss: Literal["log_alpha", "alpha"] = option(
        "log_alpha",
        new_in=3,
        source="garage, SAC",
        help="Factor on the entropy's error in the temperature's loss: log alpha, or alpha itself, "
        "whose gradient fades with the temperature.",
    )
    initial_alpha: float = option(
        1.0, above=0, source=_NO_OPTION, help="Every task's temperature at the start: alpha."
    )
    target_entropy: float | None = option(
        None,
        source=_CODE,
        help="Entropy that the temperature aims at, in nats: H bar; none: -A times "
        "target_entropy_factor.",
    )
    target_entropy_factor: float = option(
        1.0,
        at_least=0,
        new_in=5,
        source=_NO_OPTION,
        help="Factor on -A where no target_entropy is given.",
    )
    task_weights: Literal["equal", "temperature"] = option(
        "equal",
        new_in=3,
        source=_NO_OPTION,
        help="How the tasks' losses are weighed; temperature: by T softmax(-log alpha), so that "
        "tasks whose temperature is high weigh less (Soft Modularization).",
    )
    max_grad_norm: float | None = option(
        None,
        above=0,
        new_in=4,
        source=_NO_OPTION,
        help="Length to which the gradients of all policies together, and those of all critics, "
        "are cut before a step; none: they are not.",
    )
    actor_steps: int = option(
        1,
        at_least=1,
        source=_NO_OPTION,
        help="Steps of the policies in a gradient step, each on an equal share of the batch (MCAL: "
        "T); what is left over trains the critics alone.",
    )
    discount: float = option(
        0.99, at_least=0, at_most=1, source=_CODE, help="Discount factor: gamma."
    )
    target_update_tau: float = option(
        0.005,
        above=0,
        at_most=1,
        source=_CODE,
        help="Share of the critic that goes into its target after each gradient step: tau.",
    )
    resets: int = option(
        0,
        at_least=0,
        new_in=5,
        source=_NO_OPTION,
        help="How often policies, critics and their optimizers begin anew, at equal distances in "
        "epochs, with the replay buffer as it is (ARS); 0: never.",
    )
    reward_scale: float = option(
        1.0,
        above=0,
        source=_CODE,
        help="Factor on the reward in the critic's target; rewards are stored raw.",
    )
    precision: Literal["float32", "bf16"] = option(
        "float32",
        source=_OURS,
        help="Numbers of the matrix products; weights, targets and losses are float32 either way.",
    )

    def target_entropy_of(self, action_size: int) -> float:
        """Return the entropy that the temperatures aim at, in nats, with A numbers in an action."""
        if self.target_entropy is not None:
            return self.target_entropy
        return -float(action_size) * self.target_entropy_factor

    def __post_init__(self) -> None:
        """Check every value, and those that depend on one another; see the class."""
        super().__post_init__()
        if self.target_entropy is not None and self.target_entropy_factor != 1.0:
            raise ConfigError(
                f"target_entropy_factor = {self.target_entropy_factor}: nothing would read it with "
                f"target_entropy = {self.target_entropy}; give one of the two"
            )
        if self.actor_steps > self.buffer_batch_size:
            raise ConfigError(
                f"actor_steps = {self.actor_steps}: allowed is at most buffer_batch_size = "
                f"{self.buffer_batch_size}, of which each step takes a share"
            )
