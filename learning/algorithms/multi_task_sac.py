"""Soft actor-critic for all tasks at once, on garage's SAC.

garage's :class:`SAC` keeps its hooks, and its train loop is written out here: one iteration is
collect, store, update, evaluate, record (:meth:`MultiTaskSAC.train`). Every tensor carries the task
axis first, every loss is a mean over a task's batch and a sum over tasks: with separate networks
one update here equals, task by task, one update of garage's SAC (Adam is elementwise, so T networks
under one optimizer are T networks under T optimizers).

Differences from garage's SAC, each deliberate:

* one temperature a task (garage's MTSAC has that too), or one for all;
* the policies may step several times an update, each on a share of the batch;
* the weights of the critics get no gradient in the actor's step, garage computes and discards it;
* a step below ``min_buffer_size`` trains nothing, garage's raises UnboundLocalError;
* evaluation and logging are the trainer's, called by the loop, garage's are inside the algorithm;
* :meth:`to` keeps temperatures and optimizers, garage's makes new ones;
* a loss that is not finite ends the run with an error, before a snapshot could hold it.
"""

from __future__ import annotations

import contextlib
import functools
from typing import Any, ClassVar

import numpy as np
import torch

from learning.algorithms.optimizers import fused_adam
from learning.algorithms.resets import Resets
from learning.algorithms.sac_options import SACOptions
from learning.algorithms.sac_parts import SACParts
from learning.algorithms.task_columns import columns_of
from learning.algorithms.task_turns import TaskTurns
from learning.algorithms.training_loop import TrainingLoop
from learning.algorithms.update_schedule import UpdateSchedule
from learning.garage_bridge.garage_compat import SAC
from learning.objectives.objective import add_up
from learning.policies.tanh_gaussian import sample_with_log_prob
from learning.q_functions.twin_critics import TwinCritics
from learning.replay.transition_batch import TransitionBatch


class MultiTaskSAC(SAC):
    """T soft actor-critic learners as one.

    Args:
        parts: What it is made of.
        options: Its own `Options`.

    Attributes:
        exploration_policy: Who gathers data; garage's trainer sends its parameters to the sampler.
        objective: How the tasks' losses and gradients meet.
        noise: The random stream of the losses.
        return_scale: What the tasks' rewards are multiplied by in a batch.
        resets: The networks' rows that are set anew where their losses explode.
        n_updates: Batched updates so far.
        losses: Those of the last update: policies and both critics, shape [T] each.
    """

    Options: ClassVar[type[SACOptions]] = SACOptions

    def __init__(self, parts: SACParts, options: SACOptions) -> None:
        n_tasks = parts.policy.n_tasks
        schedule = UpdateSchedule(options, n_tasks)
        target_entropy = options.target_entropy_of(parts.env_spec.action_space.flat_dim)
        super().__init__(
            parts.env_spec,
            parts.policy,
            parts.critics,
            parts.critics,
            parts.replay_buffer,
            parts.sampler,
            gradient_steps_per_itr=schedule.n_updates,
            target_entropy=target_entropy,
            initial_log_entropy=float(np.log(options.initial_alpha)),
            discount=options.discount,
            buffer_batch_size=schedule.batch_size,
            min_buffer_size=options.min_buffer_size * n_tasks,
            target_update_tau=options.target_update_tau,
            policy_lr=options.lr,
            qf_lr=options.lr,
            reward_scale=options.reward_scale,
            optimizer=functools.partial(fused_adam, weight_decay=options.weight_decay),
            steps_per_epoch=options.steps_per_epoch,
        )
        # garage keeps two critics with an optimizer each; here both are one module.
        self._target_qf1.requires_grad_(False)
        self._target_qf2 = self._target_qf1
        self._qf2_optimizer = self._qf1_optimizer
        # garage reads a target entropy of zero as "not given".
        self._target_entropy = target_entropy
        n_temperatures = 1 if options.temperature == "single" else n_tasks
        self._log_alpha = torch.full(
            (n_temperatures,), self._initial_log_entropy, device=parts.device, requires_grad=True
        )
        alpha_lr = options.lr if options.alpha_lr is None else options.alpha_lr
        self._alpha_optimizer = fused_adam(
            [self._log_alpha], lr=alpha_lr, beta1=options.alpha_beta1
        )
        self._options = options
        self._first_updates = schedule.n_first_updates
        self.exploration_policy = parts.exploration_policy
        self.objective = parts.objective
        self._data_sharing = parts.data_sharing
        self.return_scale = parts.return_scale
        self._network_resets = parts.network_resets
        self.noise = parts.noise
        self._turns = TaskTurns(schedule, parts.device)
        self._device = parts.device
        self._task_names = parts.task_names
        self.n_updates = 0
        first, second, third = torch.full((3, n_tasks), torch.nan)
        self.losses = (first, second, third)
        self.resets = Resets(parts.reset_noise)
        rows = self.critics.architecture.row_resets
        targets = self.target_critics.architecture.row_resets
        self.resets.watch("critics", rows, self._qf1_optimizer, targets)
        self.resets.watch("policy", self.policy.architecture.row_resets, self._policy_optimizer)
        self.to(parts.device)
        self.policy.architecture.take_over(self.critics.architecture)

    def train(self, trainer: TrainingLoop) -> float:
        """Train for the trainer's epochs: garage's hook, called by its Trainer.

        Args:
            trainer: Steps through the epochs, gathers data, evaluates and keeps the record.

        Returns:
            Average return of the own policies in the last epoch; NaN if it was not evaluated.
        """
        average_return = np.nan
        for epoch in trainer.step_epochs():
            self._network_resets.begin_epoch(epoch, self)
            for _ in range(self._steps_per_epoch):
                with trainer.clock.phase("Collect"):
                    episodes = trainer.obtain_episodes(epoch, self._first_collection())
                    self.exploration_policy.observe(episodes)
                    self.replay_buffer.add_episodes(episodes)
                    self.return_scale.observe(episodes)
                with trainer.clock.phase("Update"):
                    # Those after the first collection may be more.
                    first = self.n_updates == 0
                    for _ in range(self._first_updates if first else self._gradient_steps):
                        self.train_once()
            with trainer.clock.phase("Evaluate"):
                evaluation = trainer.evaluate(epoch)
                average_return = evaluation.average_return
            # After the evaluation, which is of what the updates made of the policies.
            self.objective.end_epoch(epoch, self.policy, self.replay_buffer)
            trainer.record(epoch, evaluation.columns | self.read_statistics())
        return average_return

    def _first_collection(self) -> int | None:
        """Return how many steps fill the buffer to its minimum; None: the trainer's batch size."""
        if self._may_update():
            return None
        return int(self._min_buffer_size)

    def _may_update(self) -> bool:
        return bool(self.replay_buffer.n_transitions_stored >= self._min_buffer_size)

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
        if self._may_update():
            # In the updates' precision: a data sharing may ask the critics.
            with self._precision():
                batch = self._data_sharing.draw(
                    self.replay_buffer, self.critics, self._buffer_batch_size, self._device
                )
            batch = self.return_scale.scaled(batch, self._get_log_alpha(batch))
            self.losses = self.optimize_policy(self._turns.take(batch, self.n_updates))
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
        inputs = self.critics.inputs(samples_data.observations, samples_data.actions)
        with self.objective.gradients_of("critics", self.critics.architecture) as backward:
            with self._precision():
                critic_losses = self._critic_objective(samples_data, inputs, noise[0])
            critic_losses = self.resets.heed("critics", critic_losses)
            self._qf1_optimizer.zero_grad()
            backward(self._weighted(critic_losses))
        # Only after the block, at whose end an objective may still change the gradients.
        self._step(self._qf1_optimizer)
        self.resets.end_step("critics")
        self.policy.architecture.take_over(self.critics.architecture)

        shares = samples_data.split(self._options.actor_steps)
        columns = samples_data.deal(self._options.actor_steps)
        noises = torch.split(noise[1], shares[0].rewards.shape[1], dim=1)
        log_probs = []
        # Not strict: the noise for what is left over of the batch stays unused.
        for share, dealt, share_noise in zip(shares, columns, noises, strict=False):
            policy_losses, log_prob = self._step_policies(share, inputs[:, :, dealt], share_noise)
            log_probs.append(log_prob)

        self._alpha_optimizer.zero_grad()
        # The shares were dealt out one by one: this is the batch's own order.
        log_prob = torch.stack(log_probs, dim=-1).flatten(start_dim=1)
        add_up(self._temperature_objective(log_prob, samples_data))
        self._alpha_optimizer.step()
        first, second = critic_losses.detach()
        return policy_losses.detach(), first, second

    def _step_policies(
        self, batch: TransitionBatch, critic_inputs: torch.Tensor, noise: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Step the policies once; return their losses [T] and the log-probabilities [T, B]."""
        with self.objective.gradients_of("policy", self.policy.architecture) as backward:
            with self._precision():
                mean, log_std = self.policy(batch.observations)
                actions, log_prob = sample_with_log_prob(mean, log_std, noise)
                asked = self.critics.with_actions(critic_inputs, actions)
                policy_losses = self._actor_objective(batch, asked, log_prob)
                penalty = self.objective.policy_penalty(self.policy, batch)
                if penalty is not None:
                    policy_losses = policy_losses + penalty
            policy_losses = self.resets.heed("policy", policy_losses)
            self._policy_optimizer.zero_grad()
            backward(self._weighted(policy_losses))
        self._step(self._policy_optimizer)
        self.resets.end_step("policy")
        return policy_losses, log_prob.detach()

    def _step(self, optimizer: torch.optim.Optimizer) -> None:
        """Let an optimizer step, its gradients cut to their largest length together."""
        if self._options.max_grad_norm is not None:
            parameters = [each for group in optimizer.param_groups for each in group["params"]]
            torch.nn.utils.clip_grad_norm_(parameters, self._options.max_grad_norm)
        optimizer.step()

    def _weighted(self, losses: torch.Tensor) -> torch.Tensor:
        """Return losses [..., T] as they are added up; what is logged are the losses themselves."""
        if self._options.task_weights == "equal":
            return losses
        log_alpha = self.log_alpha.detach().expand(len(self._task_names))
        return losses * (len(self._task_names) * torch.softmax(-log_alpha, dim=0))

    def _critic_objective(
        self, samples_data: TransitionBatch, inputs: torch.Tensor, noise: torch.Tensor
    ) -> torch.Tensor:
        """Mean soft Bellman errors, as the critics have them, shape [2, T]."""
        batch = samples_data
        with torch.no_grad():
            mean, log_std = self.policy(batch.next_observations)
            next_actions, log_prob = sample_with_log_prob(mean, log_std, noise)
            targets = self.critics.targets(
                self.target_critics.ahead(batch.next_observations, next_actions),
                self._get_log_alpha(batch).exp() * log_prob,
                batch.rewards * self._reward_scale,
                self._discount * (1.0 - batch.terminated),
            )
        return batch.mean(self.critics.errors(inputs, targets))

    def _actor_objective(
        self,
        samples_data: TransitionBatch,
        critic_inputs: torch.Tensor,
        log_pi_new_actions: torch.Tensor,
    ) -> torch.Tensor:
        """Mean of ``alpha * log pi - Q`` over a task's batch, shape [T].

        Q is what the critics together say, the smaller one.

        Args:
            samples_data: A batch of every task.
            critic_inputs: Its observations with new actions, shape [2, T, B, O + A] (garage's
                second argument is the actions alone).
            log_pi_new_actions: Their log-probabilities, shape [T, B].
        """
        alpha = self._get_log_alpha(samples_data).detach().exp()
        with self.critics.frozen():
            values = self.critics.trusted(self.critics.values(critic_inputs))
        return samples_data.mean(alpha * log_pi_new_actions - values)

    def _temperature_objective(
        self, log_pi: torch.Tensor, samples_data: TransitionBatch
    ) -> torch.Tensor:
        """Mean of ``-f * (log pi + target entropy)`` over a task's batch, shape [T].

        The factor f is log alpha, as garage has it, or alpha.
        """
        factor = self._get_log_alpha(samples_data)
        # As in MT-Levy's and mtrl's codes.
        if self._options.temperature_loss == "alpha":
            factor = factor.exp()
        # What was left over when the shares were dealt has no log-probability.
        dealt = samples_data.first(log_pi.shape[1])
        return -dealt.mean(factor * (log_pi.detach() + self._target_entropy))

    def _get_log_alpha(self, samples_data: TransitionBatch) -> torch.Tensor:
        """Return the temperatures' logarithms, shape [T, 1]."""
        del samples_data
        return self.log_alpha.expand(self.policy.n_tasks).unsqueeze(-1)

    @torch.no_grad()
    def _update_targets(self) -> None:
        """Move the target critics towards the online ones by tau, or as their network has it."""
        targets = self.target_critics.architecture.following(self._tau)
        online = self.critics.architecture.following(self._tau)
        for (rate, theirs), (_, ours) in zip(targets, online, strict=True):
            # All tensors of a rate in one call, for which torch has a private name only.
            torch._foreach_lerp_(theirs, ours, rate)

    def _precision(self) -> contextlib.AbstractContextManager[Any]:
        in_bf16 = self._options.precision == "bf16"
        return torch.autocast(self._device.type, torch.bfloat16, enabled=in_bf16)

    def read_statistics(self) -> dict[str, float]:
        """Return losses and temperatures, the mean over tasks and a task each, by column.

        Raises:
            DivergenceError: One of them is not finite.
        """
        policy_loss, qf1_loss, qf2_loss = self.losses
        log_alpha = self.log_alpha.detach().expand(len(self._task_names))
        per_task = {
            "Policy/Loss": policy_loss,
            "QF/Qf1Loss": qf1_loss,
            "QF/Qf2Loss": qf2_loss,
            "AlphaTemperature": log_alpha.exp(),
            **self.resets.read_counts(),
            **self.return_scale.read_factors(log_alpha),
        }
        # Before the first update the losses are NaN.
        return {
            **columns_of(per_task, self._task_names, finite=self.n_updates > 0),
            **self.objective.read_statistics(),
            **self._data_sharing.read_statistics(self._task_names),
            "Updates": self.n_updates,
            "ReplayBuffer/buffer_size": self.replay_buffer.n_transitions_stored,
        }
