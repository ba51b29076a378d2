"""An objective: every policy's mean action is pulled to the mean over all policies."""

import dataclasses

import torch

from learning.objectives.objective import Objective
from learning.options import OptionGroup, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class MeanPullOptions(OptionGroup):
    pull_coeff: float = option(
        0.01, at_least=0, source="chosen by me", help="Weight of the squared distance."
    )


class MeanPull(Objective):
    Options = MeanPullOptions
    _last = None

    @classmethod
    def problem_with(cls, options, *, policy, critics):
        return "all tasks have one policy already" if policy == "everything" else None

    def policy_penalty(self, policies, batch):
        """Return what is added to the policies' losses, [T]."""
        everywhere = batch.observations.flatten(0, 1)
        means, _ = policies.ask_all(everywhere)  # [T, N, A]
        centre = means.detach().mean(dim=0)
        self._last = torch.square(means - centre).mean(dim=(1, 2))
        return self.options.pull_coeff * self._last

    def read_statistics(self):
        return {"Objective/MeanPull": float("nan" if self._last is None else self._last.mean())}


OBJECTIVES = {"mean_pull": MeanPull}
