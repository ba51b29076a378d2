"""MT-Levy: a task that rarely succeeds explores by jumps, with its own or a related policy.

MT-Levy (IROS 2025, arXiv 2509.20766), as its released code has it. At each step a task that is in
no jump and whose success ratio rho_i is below the threshold draws a duration from a Lomax
distribution (`levy_flights`). A long one begins a jump: some candidate's policy acts, and what it
does is held until the jump is over. Else the task's own policy acts. rho_i is a moving average over
training episodes; the more a task succeeds, the rarer its jumps.

Differences from that code, each deliberate:

* a jump ends with its episode; there, an action may reach into the next one;
* a policy may be held in place of an action (`hold="policy"`), as in an earlier version of it.

In deterministic evaluation the mixture jumps as in training, with the ratios of the time; where an
action is held, that is the mean action of the jump's first step.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np
import torch

from learning.garage_bridge.garage_compat import EnvSpec, EpisodeBatch
from learning.policies.levy import levy_flights
from learning.policies.levy.jump_statistics import JumpStatistics
from learning.policies.levy.levy_flights import Bools, Floats, Ints
from learning.policies.levy.success_ratios import ended_episodes, moved_ratios
from learning.policies.mixture_policy import MixturePolicy, Proposals
from learning.policies.proposal_scores import Score, proposal_scores
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.policies.task_batched_policy import Array
from learning.policies.task_rows import TaskRows
from learning.q_functions import TwinCritics
from learning.snapshots.state import State


@dataclasses.dataclass(frozen=True, kw_only=True)
class LevyRule:
    """When, how long and with what MT-Levy jumps.

    Attributes:
        offset: alpha_bar, the exponents' smallest part.
        threshold: rho_bar, the success ratio below which tasks explore and above which they share.
        rate: Weight of an episode in the success ratio.
        longest: Upper bound of the drawn durations (steps).
        hold: What a jump holds: the action, or the policy, whose actions are drawn anew.
        duration: "single": every jump lasts one step.
        exponent: "fixed": all tasks explore as if their success ratios were 0.
    """

    offset: float
    threshold: float
    rate: float
    longest: int
    hold: Literal["action", "policy"] = "action"
    duration: Literal["lomax", "single"] = "lomax"
    exponent: Literal["adaptive", "fixed"] = "adaptive"


class LevyMixture(MixturePolicy):
    """Mixture of the tasks' policies that explores by jumps.

    Its infos have `jump_step` beside the usual ones: which step of a jump this is, from 1; 0 in no
    jump. While an action is held, the other infos are those of the step that it was drawn at.

    Args:
        env_spec: garage's description of observations (with one-hot) and actions.
        policies: The tasks' own policies.
        random: The stream that acting draws from.
        near: Row i: the tasks whose policies task i may take where they succeed, [T, T].
        rule: When, how long and with what to jump.
        critics: The tasks' critics: the candidate whose proposal the task's own critic scores
            highest is taken, as by the Q-switch. None: any candidate.
        score: What is compared; see :data:`Score`.
    """

    success_ratios: torch.Tensor

    def __init__(
        self,
        env_spec: EnvSpec,
        *,
        policies: TanhGaussianPolicies,
        random: np.random.Generator,
        near: Bools,
        rule: LevyRule,
        critics: TwinCritics | None = None,
        score: Score = "mean_q1",
    ) -> None:
        memory: dict[str, Array] = {
            name: np.zeros(0, dtype=np.int64) for name in ("acting", "jump_step", "steps_left")
        }
        if rule.hold == "action":
            empty = np.zeros((0, env_spec.action_space.flat_dim), dtype=np.float32)
            memory |= {"action": empty, "mean": empty, "log_std": empty}
        super().__init__(env_spec, "LevyMixture", policies=policies, random=random, memory=memory)
        self.critics = critics
        self._score: Score = score
        self._near = near
        self._rule = rule
        # A buffer goes with the parameters to garage's samplers.
        self.register_buffer("success_ratios", torch.zeros(self.n_tasks, dtype=torch.float64))
        self._statistics = JumpStatistics(self.n_tasks)

    @property
    def exponents(self) -> Floats:
        """The tasks' exponents alpha, [T]; infinite where a task does not explore."""
        ratios = self._effective_ratios()
        exponents = levy_flights.levy_exponents(
            ratios, offset=self._rule.offset, threshold=self._rule.threshold
        )
        return np.where(ratios < self._rule.threshold, exponents, np.inf)

    def observe(self, episodes: EpisodeBatch) -> None:
        """Move the success ratios by the episodes that ended, and count the jumps."""
        super().observe(episodes)
        tasks, successes = ended_episodes(episodes)
        moved = moved_ratios(self._ratios(), tasks, successes, self._rule.rate)
        self.success_ratios.copy_(torch.from_numpy(moved))
        self._statistics.observe(episodes)

    def read_statistics(self, task_names: tuple[str, ...]) -> dict[str, float]:
        """Return success ratios, exponents (NaN: does not explore), and jumps since the last call.

        Args:
            task_names: The tasks' names.

        Returns:
            Values by column, `Levy/<task>/...`.
        """
        exponents = np.where(np.isinf(self.exponents), np.nan, self.exponents)
        columns = {"SuccessRatio": self._ratios(), "Exponent": exponents}
        columns |= self._statistics.read()
        return {
            f"Levy/{name}/{column}": float(values[task])
            for column, values in columns.items()
            for task, name in enumerate(task_names)
        }

    def get_acting_state(self) -> State:
        """Return where acting stands: its stream, the success ratios, and the jumps."""
        state = super().get_acting_state()
        state.arrays["success_ratios"] = self._ratios().copy()
        return state

    def set_acting_state(self, state: State) -> None:
        """Go on from what :meth:`get_acting_state` returned."""
        super().set_acting_state(state)
        self.success_ratios.copy_(torch.from_numpy(state.arrays["success_ratios"]))

    def _act_uniformly(self, rows: TaskRows) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        actions, infos = super()._act_uniformly(rows)
        return actions, infos | {"jump_step": torch.zeros_like(infos["acting_policy"])}

    def _mix(
        self, rows: TaskRows, proposals: Proposals
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        memory = self._memory_of(len(rows.tasks))
        self._step_jumps(memory, rows, proposals)
        acting = torch.from_numpy(rows.to_batch(memory["acting"])).to(self.device)
        proposed = dict(zip(("action", "mean", "log_std"), proposals.of(acting), strict=True))
        if self._rule.hold == "action":
            proposed = self._hold_actions(memory, rows, proposed)
        infos = {name: proposed[name] for name in ("mean", "log_std")}
        infos["acting_policy"] = acting
        infos["jump_step"] = torch.from_numpy(rows.to_batch(memory["jump_step"]))
        return proposed["action"], infos

    def _step_jumps(self, memory: dict[str, Array], rows: TaskRows, proposals: Proposals) -> None:
        """Go on with the rows' jumps, or decide anew whether and with whom to jump."""
        tasks = rows.tasks
        drawn = self.random.random((2, len(tasks)))
        goes_on = memory["steps_left"] > 0
        lengths = np.where(goes_on, 0, self._jump_lengths(drawn[0], tasks))
        begins = lengths > 0
        acting = np.where(goes_on, memory["acting"], tasks)
        if begins.any():
            acting = np.where(begins, self._candidates(drawn[1], rows, proposals), acting)
        memory["acting"] = acting
        memory["jump_step"] = np.where(goes_on, memory["jump_step"] + 1, begins)
        memory["steps_left"] = np.maximum(np.where(goes_on, memory["steps_left"], lengths) - 1, 0)

    def _jump_lengths(self, uniform: Floats, tasks: Ints) -> Ints:
        """Return the lengths of the rows' jumps that would begin now, [N]; 0: none."""
        exponents = self.exponents[tasks]
        durations = levy_flights.lomax_durations(uniform, exponents, self._rule.longest)
        lengths = levy_flights.jump_lengths(durations)
        return np.minimum(lengths, 1) if self._rule.duration == "single" else lengths

    def _candidates(self, uniform: Floats, rows: TaskRows, proposals: Proposals) -> Array:
        """Return whose policy the rows' jumps would take, [N]."""
        candidates = levy_flights.jump_candidates(self._near, self._ratios(), self._rule.threshold)
        if self.critics is None:
            return levy_flights.draw_candidates(candidates[rows.tasks], uniform)
        scores = proposal_scores(self.critics, proposals, self._score)
        barred = torch.from_numpy(~candidates.T).to(self.device)
        return rows.to_rows(scores.masked_fill(barred.unsqueeze(2), -torch.inf).argmax(dim=0))

    def _hold_actions(
        self, memory: dict[str, Array], rows: TaskRows, proposed: dict[str, torch.Tensor]
    ) -> dict[str, torch.Tensor]:
        """Replace what is proposed by what is held, in the rows that are within a jump."""
        within = (memory["jump_step"] > 1)[:, None]
        for name, values in proposed.items():
            memory[name] = np.where(within, memory[name], rows.to_rows(values))
        return {name: torch.from_numpy(rows.to_batch(memory[name])) for name in proposed}

    def _ratios(self) -> Floats:
        ratios: Floats = self.success_ratios.cpu().numpy()
        return ratios

    def _effective_ratios(self) -> Floats:
        """The success ratios that the tasks' exploration goes by, [T]."""
        ratios = self._ratios()
        return ratios if self._rule.exponent == "adaptive" else np.zeros_like(ratios)
