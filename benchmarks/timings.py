"""Where the seconds of a training loop go."""

import dataclasses

PARTS = ("environment", "policy", "update", "rest")


@dataclasses.dataclass(frozen=True, kw_only=True)
class LoopTimings:
    """Env steps of a loop, in total over the tasks, and the seconds (wall clock) they took.

    Attributes:
        env_steps: Number of env steps.
        environment: Seconds in the environments, resets included.
        policy: Seconds choosing actions.
        update: Seconds in gradient steps, drawing the batches included.
        rest: All other seconds: what the sampler and the replay buffer do.
    """

    env_steps: int
    environment: float
    policy: float
    update: float
    rest: float

    @property
    def seconds(self) -> float:
        """Seconds in total."""
        return self.environment + self.policy + self.update + self.rest

    @property
    def env_steps_per_second(self) -> float:
        """Env steps a second, in total over the tasks."""
        return self.env_steps / self.seconds

    def __add__(self, other: "LoopTimings") -> "LoopTimings":
        """Return the timings of both loops, one after the other."""
        return LoopTimings(
            **{
                field.name: getattr(self, field.name) + getattr(other, field.name)
                for field in dataclasses.fields(self)
            }
        )
