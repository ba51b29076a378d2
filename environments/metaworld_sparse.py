"""Meta-World's sparse reward as MT-Lévy has it (arXiv 2509.20766; docs/environments/metaworld.md).

The reward is 1 at the step that accomplishes the task, which ends the episode, and 0 elsewhere.
"""

from __future__ import annotations

from typing import Any, SupportsFloat

from environments.metaworld_env import MetaWorldEnv
from environments.resumable_env import Action, Observation


class SparseMetaWorldEnv(MetaWorldEnv):
    """A Meta-World task that gives a reward for success alone and ends there."""

    def step(self, action: Action) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Run Meta-World's step; its reward function still says what success is."""
        observation, _, _, truncated, info = super().step(action)
        success = float(info["success"])
        return observation, success, success > 0.0, truncated, info
