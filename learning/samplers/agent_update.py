"""What garage's `agent_update` means for a policy that lives in this process."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import torch

from learning.garage_bridge.garage_compat import Policy

AgentUpdate: TypeAlias = Mapping[str, Any] | Policy | None
"""None, a state dict for `set_param_values`, or a policy to act from now on."""


def apply_agent_update(policy: Policy, update: AgentUpdate) -> Policy:
    """Apply an update.

    garage's Trainer sends the policy's state dict before every collection; where those are the
    acting policy's own tensors nothing needs to be copied.

    Args:
        policy: Policy that acts now.
        update: Update, see `AgentUpdate`.

    Returns:
        Policy that acts from now on.

    Raises:
        TypeError: The update is something else.
    """
    if update is None:
        return policy
    if isinstance(update, Mapping):
        if not _is_live_state(policy, update):
            policy.set_param_values(update)
        return policy
    if not hasattr(update, "get_actions"):
        raise TypeError(f"an agent update is a state dict or a policy, not {type(update)}")
    return update


def _is_live_state(policy: Policy, parameters: Mapping[str, Any]) -> bool:
    """Return whether these are the policy's own tensors and numbers."""
    own = policy.get_param_values()
    return own.keys() == parameters.keys() and all(
        _is_same(value, parameters[key]) for key, value in own.items()
    )


def _is_same(ours: Any, theirs: Any) -> bool:
    """Return whether both are the same memory; a state dictionary makes its tensors anew."""
    if isinstance(ours, torch.Tensor) and isinstance(theirs, torch.Tensor):
        return ours.data_ptr() == theirs.data_ptr()
    return ours is theirs
