"""A garage environment without Gymnasium: a point on the plane that should stay at the origin."""

import numpy as np

from learning.garage_bridge.garage_compat import Environment, EnvSpec, EnvStep, StepType, akro

HORIZON = 10


class TinyEnvironment(Environment):
    """Two velocities move a point; the reward is minus its distance to the origin."""

    def __init__(self) -> None:
        box = akro.Box(low=-100, high=100, shape=(2,), dtype=np.float32)
        action_box = akro.Box(low=-1, high=1, shape=(2,), dtype=np.float32)
        self._spec = EnvSpec(box, action_box, max_episode_length=HORIZON)
        self._position = np.zeros(2, np.float32)
        self._steps = 0

    @property
    def spec(self) -> EnvSpec:
        return self._spec

    @property
    def observation_space(self) -> akro.Box:
        return self._spec.observation_space

    @property
    def action_space(self) -> akro.Box:
        return self._spec.action_space

    @property
    def render_modes(self) -> list[str]:
        return []

    def reset(self):
        self._position, self._steps = np.ones(2, np.float32), 0
        return self._position, {}

    def step(self, action):
        self._steps += 1
        self._position = self._position + np.asarray(action, np.float32)
        distance = float(np.linalg.norm(self._position))
        return EnvStep(
            env_spec=self._spec,
            action=action,
            reward=-distance,
            observation=self._position,
            env_info={"success": float(distance < 0.1), "task_id": 0},
            step_type=StepType.get_step_type(self._steps, HORIZON, False),
        )

    def render(self, mode):
        raise NotImplementedError(mode)

    def visualize(self):
        raise NotImplementedError("no window")

    def close(self):
        pass
