"""A mixture: the Q-switch made soft, so that a policy acts the likelier the better it scores."""

import dataclasses

import torch

from learning.config.methods import Method
from learning.options import option
from learning.policies.proposal_scores import proposal_scores
from learning.policies.q_switch import QSwitch
from learning.policies.q_switch_options import QSwitchOptions


@dataclasses.dataclass(frozen=True, kw_only=True)
class SoftmaxOptions(QSwitchOptions):
    switch_temperature: float = option(
        1.0, above=0, source="chosen by me", help="Q-value by which a score must lead to count."
    )


class SoftmaxSwitch(QSwitch):
    Options = SoftmaxOptions

    def choose(self, proposals):
        """Return whose policy acts, int64 [T, B]."""
        scores = proposal_scores(self.critics, proposals, self.options.qswitch_score)  # [P, T, B]
        shares = (scores / self.options.switch_temperature).softmax(dim=0).cumsum(dim=0)
        drawn = torch.from_numpy(self.random.random(scores.shape[1:])).to(scores)
        return (shares < drawn).sum(dim=0).clamp(max=self.n_tasks - 1)


BEHAVIOURS = {"softmax_switch": SoftmaxSwitch}
METHODS = (
    Method(
        name="softmax_qmp",
        behaviour="softmax_switch",
        summary="QMP whose switch is a softmax.",
        paper="my own",
    ),
)
