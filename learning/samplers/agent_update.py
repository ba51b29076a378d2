"""What garage's `agent_update` means for a policy that lives in this process."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from learning.garage_bridge.garage_compat import Policy

AgentUpdate: TypeAlias = Mapping[str, Any] | Policy | None
"""None, a state dict for `set_param_values`, or a policy to act from now on."""


def apply_agent_update(policy: Policy, update: AgentUpdate) -> Policy:
    """Applies an update.

    garage's Trainer sends the policy's state dict before every collection; where those are the
    acting policy's own tensors nothing needs to be copied.

    Args:
        policy: who acts now.
        update: see `AgentUpdate`.

    Returns:
        Who acts from now on.

    Raises:
        TypeError: the update is something else.
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
    """Whether these are the policy's own tensors."""
    own = policy.get_param_values()
    return own.keys() == parameters.keys() and all(
        value.data_ptr() == parameters[key].data_ptr() for key, value in own.items()
    )
