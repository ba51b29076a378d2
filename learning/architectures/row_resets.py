"""Tasks whose loss explodes are left out of the update, and set anew from the others.

Of PaCo (Sun et al., NeurIPS 2022, arXiv 2210.11653): where the loss of task i exceeds a threshold,
it is masked, and the task's numbers w_i become a convex combination of the other tasks',

    w_i <- sum over j of  b_j w_j,    b uniform on the simplex over the tasks that do not explode

A loss that is not finite counts as exceeding it. Every row is judged by its own loss, that of a
twin critic by the twin's, and takes from rows of its own group. Where all of a group's tasks
explode there is nothing to take from: nothing is masked, and training diverges as it would.

Differences from the paper: Adam's moments of the row start anew too; and a row of the critics goes
into their targets at once, which would else follow the exploded one for 1 / tau updates.

All of it stays on the device: no number is read in an update.
"""

from __future__ import annotations

import torch


class RowResets:
    """Masks rows and sets them anew.

    Args:
        shares: The rows, shape [G * T, K].
        n_tasks: Tasks T.
        threshold: The largest loss that does not explode.
    """

    def __init__(self, shares: torch.nn.Parameter, *, n_tasks: int, threshold: float) -> None:
        self._shares = shares
        self._n_tasks = n_tasks
        self._threshold = threshold
        self._exploded: torch.Tensor | None = None
        self._counts: torch.Tensor | None = None

    def heed(self, losses: torch.Tensor) -> torch.Tensor:
        """Judge an update's losses before they are differentiated.

        Args:
            losses: Those of all rows, shape [T] or [G, T].

        Returns:
            The same; of rows that explode they are constants, the largest number of their kind
            where they were not finite.
        """
        known = losses.detach()
        exploded = ~(known.isfinite() & (known <= self._threshold)).view(-1, self._n_tasks)
        exploded &= ~exploded.all(dim=1, keepdim=True)
        self._exploded = exploded
        largest = torch.finfo(known.dtype).max
        return torch.where(exploded.view_as(losses), known.nan_to_num(nan=largest), losses)

    def mask(self, gradients: torch.Tensor) -> torch.Tensor | None:
        """Return a gradient of the rows' outputs [g * T, B, out], zero in rows that explode.

        A constant loss alone would not do where it is not finite: zero times infinity is not zero.
        Outside a step, between :meth:`heed` and :meth:`end_step`, nothing is changed: None.
        """
        if self._exploded is None:
            return None
        rows = self._exploded.flatten()[: len(gradients)]
        return gradients.masked_fill(rows[:, None, None], 0.0)

    @torch.no_grad()
    def end_step(
        self,
        optimizer: torch.optim.Optimizer,
        random: torch.Generator,
        target: RowResets | None = None,
    ) -> None:
        """Set the rows that exploded anew, once the optimizer has stepped.

        Args:
            optimizer: That of the rows.
            random: The stream of the combinations, on the rows' device; each step draws as much.
            target: That of a target network, whose rows become the new ones.

        Raises:
            RuntimeError: No losses have been heeded in this step.
        """
        exploded, self._exploded = self._exploded, None
        if exploded is None:
            raise RuntimeError("a step ends whose losses were not heeded")
        rows = exploded.flatten().unsqueeze(-1)
        # Exponential numbers over their sum are uniform on the simplex.
        parts = self._shares.new_empty((*exploded.shape, self._n_tasks))
        parts = parts.exponential_(generator=random).masked_fill(exploded.unsqueeze(1), 0.0)
        parts = parts / parts.sum(dim=-1, keepdim=True)
        # What exploded may be infinite, which a weight of zero would not remove.
        others = self._shares.masked_fill(rows, 0.0).view(*exploded.shape, -1)
        combined = torch.bmm(parts, others).view_as(self._shares)
        self._shares.copy_(torch.where(rows, combined, self._shares))
        for moment in optimizer.state[self._shares].values():
            if moment.shape == self._shares.shape:
                moment.masked_fill_(rows, 0.0)
        if target is not None:
            target._shares.copy_(torch.where(rows, combined, target._shares))
        count = exploded.sum(dim=0)
        self._counts = count if self._counts is None else self._counts + count

    def read_counts(self) -> torch.Tensor:
        """Return how many rows of each task were set anew since the last call, int64 [T]."""
        counts, self._counts = self._counts, None
        return torch.zeros(self._n_tasks, dtype=torch.int64) if counts is None else counts
