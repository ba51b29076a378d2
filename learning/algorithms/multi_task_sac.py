"""Soft actor-critic for all tasks at once, on garage's SAC.

garage's :class:`SAC` keeps its train loop and its hooks; overridden is only what the task axis
changes. Every tensor carries the task axis first, every loss is a mean over a task's batch and a
sum over tasks: with separate networks one update here equals, task by task, one update of garage's
SAC (Adam is elementwise, so T networks under one optimizer are T networks under T optimizers).

Differences from garage's SAC, each deliberate:

* one temperature a task (garage's MTSAC has that too), or one for all;
* the policies may step several times an update, each on a share of the batch;
* the weights of the critics get no gradient in the actor's step, garage computes and discards it;
* a step below ``min_buffer_size`` trains nothing, garage's raises UnboundLocalError;
* :meth:`to` keeps temperatures and optimizers, garage's makes new ones;
* a loss that is not finite ends the run with an error, before a snapshot could hold it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from dowel import tabular

from learning.errors import DivergenceError
from learning.evaluation.evaluator import Evaluator
from learning.garage_bridge.garage_compat import SAC, EnvSpec, Sampler
from learning.objectives import Objective
from learning.policies.tanh_gaussian import sample_with_log_prob
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.q_functions import TwinCritics
from learning.replay.data_sharing import DataSharing
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.transition_layout import TransitionBatch


class MultiTaskSAC(SAC):
    """T soft actor-critic learners as one.

    Args:
        env_spec: garage's description of observations (with task one-hot) and actions.
        task_names: The tasks' names, for the log.
        policy: The tasks' own policies.
        critics: The tasks' twin critics.
        replay_buffer: All tasks' transitions.
        data_sharing: Whose transitions a task's update sees.
        sampler: A garage sampler.
        evaluator: Evaluates and logs, called once an epoch.
        gradient_steps: Batched updates after each collection; one is an update of every task.
        min_buffer_size: Transitions a task before the first update.
        buffer_batch_size: Own transitions a task in an update.
        noise: The random stream of the sampled actions in the losses.
        lr: Learning rate of policies and critics.
        alpha_lr: Learning rate of the temperatures.
        single_temperature: One temperature for all tasks.
        actor_steps: Steps of the policies in an update, each on an equal share of the batch.
        objective: How the tasks' losses and gradients meet.
        discount: Discount factor gamma.
        target_update_tau: Polyak factor tau of the target critics.
        target_entropy: Entropy in nats that the temperatures aim at.
        initial_alpha: Temperature at the start.
        reward_scale: Factor on the rewards in the critics' targets.
        steps_per_epoch: Rounds of collection and updates in an epoch.
        precision: "bf16": matrix products in bfloat16, all else in float32.
        device: Where the networks live.

    Attributes:
        noise: The random stream of the losses.
        n_updates: Batched updates so far.
        losses: Those of the last update: policies and both critics, shape [T] each.
    """

    def __init__(
        self,
        *,
        env_spec: EnvSpec,
        task_names: tuple[str, ...],
        policy: TanhGaussianPolicies,
        critics: TwinCritics,
        replay_buffer: MultiTaskReplayBuffer,
        data_sharing: DataSharing,
        sampler: Sampler,
        evaluator: Evaluator,
        gradient_steps: int,
        min_buffer_size: int,
        buffer_batch_size: int,
        noise: torch.Generator,
        lr: float,
        alpha_lr: float,
        single_temperature: bool,
        actor_steps: int,
        objective: Objective,
        discount: float,
        target_update_tau: float,
        target_entropy: float,
        initial_alpha: float,
        reward_scale: float,
        steps_per_epoch: int,
        precision: str,
        device: torch.device,
    ) -> None:
        n_tasks = policy.n_tasks
        super().__init__(
            env_spec,
            policy,
            critics,
            critics,
            replay_buffer,
            sampler,
            gradient_steps_per_itr=gradient_steps,
            target_entropy=target_entropy,
            initial_log_entropy=float(np.log(initial_alpha)),
            discount=discount,
            buffer_batch_size=buffer_batch_size,
            min_buffer_size=min_buffer_size * n_tasks,
            target_update_tau=target_update_tau,
            policy_lr=lr,
            qf_lr=lr,
            reward_scale=reward_scale,
            optimizer=_fused_adam,
            steps_per_epoch=steps_per_epoch,
            eval_env=evaluator,
        )
        # garage keeps two critics with an optimizer each; here both are one module.
        self._target_qf1.requires_grad_(False)
        self._target_qf2 = self._target_qf1
        self._qf2_optimizer = self._qf1_optimizer
        # garage reads a target entropy of zero as "not given".
        self._target_entropy = target_entropy
        n_temperatures = 1 if single_temperature else n_tasks
        self._log_alpha = torch.full(
            (n_temperatures,), self._initial_log_entropy, device=device, requires_grad=True
        )
        self._alpha_optimizer = _fused_adam([self._log_alpha], lr=alpha_lr)
        self._actor_steps = actor_steps
        self.objective = objective
        self._data_sharing = data_sharing
        self._evaluator = evaluator
        self.noise = noise
        self._device = device
        self._autocast = precision == "bf16"
        self._task_names = task_names
        self.n_updates = 0
        nothing_yet = torch.full((n_tasks,), torch.nan)
        self.losses = (nothing_yet, nothing_yet, nothing_yet)
        self.to(device)

    @property
    def log_alpha(self) -> torch.Tensor:
        """Logarithm of the temperatures, shape [T], or [1] where one serves all tasks."""
        log_alpha: torch.Tensor = self._log_alpha
        return log_alpha

    @property
    def critics(self) -> TwinCritics:
        """The online critics."""
        critics: TwinCritics = self._qf1
        return critics

    @property
    def target_critics(self) -> TwinCritics:
        """The target critics."""
        critics: TwinCritics = self._target_qf1
        return critics

    @property
    def networks(self) -> list[torch.nn.Module]:
        """Policies, critics and target critics."""
        return [self.policy, self.critics, self.target_critics]

    @property
    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """The optimizers by the name of what they optimize."""
        return {
            "policy": self._policy_optimizer,
            "critics": self._qf1_optimizer,
            "log_alpha": self._alpha_optimizer,
        }

    def to(self, device: torch.device | None = None) -> None:
        """Move the networks, keeping temperatures and optimizers."""
        device = device or self._device
        for network in self.networks:
            network.to(device)

    def train_once(
        self, itr: int | None = None, paths: Any = None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Draw a batch of every task and update all tasks once.

        Args:
            itr: Not used (garage's signature).
            paths: Not used (garage's signature).

        Returns:
            Losses of the policies and of the two critics, shape [T] each; those of the last update
            (NaN before the first) while a buffer is below its minimum.
        """
        del itr, paths
        if self.replay_buffer.n_transitions_stored >= self._min_buffer_size:
            with self._precision():
                batch = self._data_sharing.draw(
                    self.replay_buffer, self.critics, self._buffer_batch_size, self._device
                )
            self.losses = self.optimize_policy(batch)
            self._update_targets()
            self.n_updates += 1
        return self.losses

    def optimize_policy(
        self, samples_data: TransitionBatch
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Step critics, policies and temperatures once, in garage's order.

        Args:
            samples_data: A batch of every task.

        Returns:
            Losses of the policies and of the two critics, shape [T] each.
        """
        noise = torch.randn(
            (2, *samples_data.actions.shape), generator=self.noise, device=self._device
        )
        with self.objective.gradients_of("critics", self.critics.architecture):
            with self._precision():
                critic_losses = self._critic_objective(samples_data, noise[0])
            self._qf1_optimizer.zero_grad()
            critic_losses.sum().backward()  # type: ignore[no-untyped-call]
        self._qf1_optimizer.step()

        shares = samples_data.split(self._actor_steps)
        log_probs = []
        noises = torch.split(noise[1], shares[0].rewards.shape[1], dim=1)
        for share, share_noise in zip(shares, noises, strict=False):
            policy_losses, log_prob = self._step_policies(share, share_noise)
            log_probs.append(log_prob)

        self._alpha_optimizer.zero_grad()
        # The shares were dealt out one by one: this is the batch's own order.
        log_prob = torch.stack(log_probs, dim=-1).flatten(start_dim=1)
        self._temperature_objective(log_prob, samples_data).sum().backward()  # type: ignore[no-untyped-call]
        self._alpha_optimizer.step()
        first, second = critic_losses.detach()
        return policy_losses.detach(), first, second

    def _step_policies(
        self, batch: TransitionBatch, noise: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Step the policies once; return their losses [T] and the log-probabilities [T, B]."""
        with self.objective.gradients_of("policy", self.policy.architecture):
            with self._precision():
                mean, log_std = self.policy(batch.observations)
                actions, log_prob = sample_with_log_prob(mean, log_std, noise)
                policy_losses = self._actor_objective(batch, actions, log_prob)
                penalty = self.objective.policy_penalty(self.policy, batch)
                if penalty is not None:
                    policy_losses = policy_losses + penalty
            self._policy_optimizer.zero_grad()
            policy_losses.sum().backward()  # type: ignore[no-untyped-call]
        self._policy_optimizer.step()
        return policy_losses, log_prob.detach()

    def _critic_objective(self, samples_data: TransitionBatch, noise: torch.Tensor) -> torch.Tensor:
        """Mean squared soft Bellman errors, shape [2, T]."""
        batch = samples_data
        with torch.no_grad():
            mean, log_std = self.policy(batch.next_observations)
            next_actions, log_prob = sample_with_log_prob(mean, log_std, noise)
            next_values = self.target_critics(batch.next_observations, next_actions).amin(dim=0)
            next_values -= self._get_log_alpha(batch).exp() * log_prob
            targets = batch.rewards * self._reward_scale + (
                self._discount * (1.0 - batch.terminated) * next_values
            )
        values: torch.Tensor = self.critics(batch.observations, batch.actions)
        errors: torch.Tensor = values - targets
        return batch.mean(errors.square())

    def _actor_objective(
        self,
        samples_data: TransitionBatch,
        new_actions: torch.Tensor,
        log_pi_new_actions: torch.Tensor,
    ) -> torch.Tensor:
        """Mean of ``alpha * log pi - min Q`` over a task's batch, shape [T]."""
        alpha = self._get_log_alpha(samples_data).detach().exp()
        with _frozen(self.critics):
            values: torch.Tensor = self.critics(samples_data.observations, new_actions).amin(dim=0)
        return samples_data.mean(alpha * log_pi_new_actions - values)

    def _temperature_objective(
        self, log_pi: torch.Tensor, samples_data: TransitionBatch
    ) -> torch.Tensor:
        """Mean of ``-log alpha * (log pi + target entropy)`` over a task's batch, shape [T]."""
        log_alpha = self._get_log_alpha(samples_data)
        dealt = samples_data.first(log_pi.shape[1])
        return -dealt.mean(log_alpha * (log_pi.detach() + self._target_entropy))

    def _get_log_alpha(self, samples_data: TransitionBatch) -> torch.Tensor:
        """Return the temperatures' logarithms, shape [T, 1]."""
        del samples_data
        return self.log_alpha.expand(self.policy.n_tasks).unsqueeze(-1)

    @torch.no_grad()
    def _update_targets(self) -> None:
        """Move the target critics towards the online ones by tau."""
        torch._foreach_lerp_(
            list(self.target_critics.parameters()), list(self.critics.parameters()), self._tau
        )

    def _precision(self) -> contextlib.AbstractContextManager[Any]:
        return torch.autocast(self._device.type, torch.bfloat16, enabled=self._autocast)

    def _evaluate_policy(self, epoch: int) -> float:
        """Hand over to the evaluator; return the average return of the own policies."""
        average_return = self._evaluator.evaluate(epoch)
        self.objective.end_epoch(epoch, self.policy, self.replay_buffer)
        return average_return

    def _log_statistics(
        self, policy_loss: torch.Tensor, qf1_loss: torch.Tensor, qf2_loss: torch.Tensor
    ) -> None:
        """Record losses and temperatures, the mean over tasks and a task each."""
        alpha = self.log_alpha.detach().exp().expand(len(self._task_names))
        losses = {
            "Policy/Loss": policy_loss,
            "QF/Qf1Loss": qf1_loss,
            "QF/Qf2Loss": qf2_loss,
            "AlphaTemperature": alpha,
        }
        for key, per_task in losses.items():
            values = per_task.cpu().numpy().astype(np.float64)
            if self.n_updates and not np.isfinite(values).all():
                raise DivergenceError(_diverged(key, values, self._task_names))
            tabular.record(f"{key}/mean", values.mean())
            for name, value in zip(self._task_names, values, strict=True):
                tabular.record(f"{key}/{name}", value)
        self.objective.record()
        self._data_sharing.record(self._task_names)
        tabular.record("Updates", self.n_updates)
        tabular.record("ReplayBuffer/buffer_size", self.replay_buffer.n_transitions_stored)


def _fused_adam(parameters: Any, lr: float) -> torch.optim.Adam:
    return torch.optim.Adam(parameters, lr=lr, fused=True)


def _diverged(key: str, values: npt.NDArray[np.float64], task_names: tuple[str, ...]) -> str:
    names = [name for name, value in zip(task_names, values, strict=True) if not np.isfinite(value)]
    return (
        f"{key} is not finite for {', '.join(names)}: training has diverged. The snapshots so far "
        "are from before. Lower --lr or --reward_scale, or train with --precision float32."
    )


@contextlib.contextmanager
def _frozen(module: torch.nn.Module) -> Iterator[None]:
    """Spare the gradient with respect to the module's own weights."""
    module.requires_grad_(False)
    try:
        yield
    finally:
        module.requires_grad_(True)
