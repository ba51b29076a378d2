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

import math
from typing import ClassVar

import numpy as np
import torch

from learning.errors import ConfigError
from learning.garage_bridge.garage_compat import EpisodeBatch
from learning.options import OptionGroup
from learning.policies.levy import levy_flights
from learning.policies.levy.jump_statistics import JumpStatistics
from learning.policies.levy.levy_flights import Floats, Ints
from learning.policies.levy.levy_options import LevyOptions
from learning.policies.levy.success_ratios import ended_episodes, moved_ratios
from learning.policies.levy.task_neighbors import near_tasks
from learning.policies.mixture_policy import MixtureParts, MixturePolicy, Proposals
from learning.policies.proposal_scores import proposal_scores
from learning.policies.task_batched_policy import Array
from learning.policies.task_rows import TaskRows


class LevyMixture(MixturePolicy):
    """Mixture of the tasks' policies that explores by jumps.

    Its infos have `jump_step` beside the usual ones: which step of a jump this is, from 1; 0 in no
    jump. While an action is held, the other infos are those of the step that it was drawn at.

    Args:
        parts: What it is built from.
        options: Its own `Options`.

    Raises:
        ConfigError: The longest duration is too short for any jump, or nothing says which tasks
            are near.
    """

    Options: ClassVar[type[OptionGroup]] = LevyOptions
    recorded_infos: ClassVar[tuple[str, ...]] = ("acting_policy", "jump_step")
    options: LevyOptions

    def __init__(self, parts: MixtureParts, options: LevyOptions) -> None:
        memory: dict[str, Array] = {
            name: np.zeros(0, dtype=np.int64) for name in ("acting", "jump_step", "steps_left")
        }
        if options.hold == "action":
            empty = np.zeros((0, parts.env_spec.action_space.flat_dim), dtype=np.float32)
            memory |= {"action": empty, "mean": empty}
        super().__init__(parts, options, memory=memory)
        self._longest = _longest_duration(options, parts.env_spec.max_episode_length)
        self._near = near_tasks(options, parts.task_set)
        # Among the parameters, and so with a sampler in another process, only where they are asked.
        self.critics = parts.critics if options.levy_candidate == "qswitch" else None
        self.acting_values["success_ratios"] = np.zeros(self.n_tasks)
        self._statistics = JumpStatistics(self.n_tasks)

    @classmethod
    def needs_several_policies(cls, options: OptionGroup) -> bool:
        """Tell whether jumps may take other tasks' policies."""
        assert isinstance(options, LevyOptions)
        return options.levy_sharing != "own"

    @property
    def success_ratios(self) -> Floats:
        """The tasks' success ratios rho, [T]."""
        ratios: Floats = self.acting_values["success_ratios"]
        return ratios

    @property
    def exponents(self) -> Floats:
        """The tasks' exponents alpha, [T]; infinite where a task does not explore."""
        ratios = self._effective_ratios()
        exponents = levy_flights.levy_exponents(
            ratios, offset=self.options.alpha_offset, threshold=self.options.sr_threshold
        )
        return np.where(ratios < self.options.sr_threshold, exponents, np.inf)

    def observe(self, episodes: EpisodeBatch) -> None:
        """Move the success ratios by the episodes that ended, and count the jumps."""
        super().observe(episodes)
        tasks, successes = ended_episodes(episodes)
        self.success_ratios[:] = moved_ratios(
            self.success_ratios, tasks, successes, self.options.sr_rate
        )
        self._statistics.observe(episodes)

    def read_statistics(self, task_names: tuple[str, ...]) -> dict[str, float]:
        """Return success ratios, exponents (NaN: does not explore), and jumps since the last call.

        Args:
            task_names: The tasks' names.

        Returns:
            Values by column, `Levy/<task>/...`.
        """
        exponents = np.where(np.isinf(self.exponents), np.nan, self.exponents)
        columns = {"SuccessRatio": self.success_ratios, "Exponent": exponents}
        columns |= self._statistics.read()
        return {
            f"Levy/{name}/{column}": float(values[task])
            for column, values in columns.items()
            for task, name in enumerate(task_names)
        }

    def _act_uniformly(self, rows: TaskRows) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        actions, infos = super()._act_uniformly(rows)
        return actions, infos | {"jump_step": torch.zeros_like(infos["acting_policy"])}

    def mix(
        self, rows: TaskRows, proposals: Proposals
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Go on with the rows' jumps, or begin some; see :meth:`MixturePolicy.mix`."""
        memory = self._memory_of(len(rows.tasks))
        self._step_jumps(memory, rows, proposals)
        acting = torch.from_numpy(rows.to_batch(memory["acting"])).to(self.device)
        proposed = dict(zip(("action", "mean"), proposals.of(acting), strict=True))
        if self.options.hold == "action":
            proposed = self._hold_actions(memory, rows, proposed)
        jump_step = torch.from_numpy(rows.to_batch(memory["jump_step"]))
        infos = {"mean": proposed["mean"], "acting_policy": acting, "jump_step": jump_step}
        return proposed["action"], infos

    def _step_jumps(self, memory: dict[str, Array], rows: TaskRows, proposals: Proposals) -> None:
        """Go on with the rows' jumps, or decide anew whether and with whom to jump."""
        tasks = rows.tasks
        # For every row, needed or not: how far the stream goes depends on the steps alone.
        drawn = self.random.random((2, len(tasks)))
        goes_on = memory["steps_left"] > 0
        lengths = np.where(goes_on, 0, self._jump_lengths(drawn[0], tasks))
        begins = lengths > 0
        acting = np.where(goes_on, memory["acting"], tasks)
        if begins.any():
            acting = np.where(begins, self._candidates(drawn[1], rows, proposals), acting)
        memory["acting"] = acting
        # `begins` counts as 1, the first step of a jump.
        memory["jump_step"] = np.where(goes_on, memory["jump_step"] + 1, begins)
        memory["steps_left"] = np.maximum(np.where(goes_on, memory["steps_left"], lengths) - 1, 0)

    def _jump_lengths(self, uniform: Floats, tasks: Ints) -> Ints:
        """Return the lengths of the rows' jumps that would begin now, [N]; 0: none."""
        exponents = self.exponents[tasks]
        durations = levy_flights.lomax_durations(uniform, exponents, self._longest)
        lengths = levy_flights.jump_lengths(durations)
        return np.minimum(lengths, 1) if self.options.levy_duration == "single" else lengths

    def _candidates(self, uniform: Floats, rows: TaskRows, proposals: Proposals) -> Array:
        """Return whose policy the rows' jumps would take, [N]."""
        candidates = levy_flights.jump_candidates(
            self._near, self.success_ratios, self.options.sr_threshold
        )
        if self.critics is None:
            return levy_flights.draw_candidates(candidates[rows.tasks], uniform)
        scores = proposal_scores(self.critics, proposals, self.options.qswitch_score)
        # Candidates are [task, policy], scores [policy, task, B].
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

    def _effective_ratios(self) -> Floats:
        """Return the success ratios that the tasks' exploration goes by, [T]."""
        if self.options.levy_exponent == "fixed":
            return np.zeros_like(self.success_ratios)
        return self.success_ratios


def _longest_duration(options: LevyOptions, horizon: int) -> int:
    """Return the upper bound of the drawn durations in steps, at least 2."""
    # Rounded down, as in MT-Levy's code.
    longest = int(options.levy_cap * horizon)
    if longest < 2:
        raise ConfigError(
            f"levy_cap {options.levy_cap:g} of {horizon} steps an episode leaves durations of at "
            f"most {longest} step, and none of them is a jump: give --levy_cap at least "
            f"{math.ceil(2000 / horizon) / 1000}"
        )
    return longest
