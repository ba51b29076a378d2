"""The settings in which the usual loop and ours are compared."""

import dataclasses

OptionValue = str | int | float | bool


@dataclasses.dataclass(frozen=True, kw_only=True)
class Setting:
    """One comparison; the parameters of `run_usual_loop` and `run_our_loop`.

    Attributes:
        title: Heading of its table.
        task_set: Id of the task set.
        options: Options of the task set.
        hidden_sizes: Number of units of each hidden layer.
        buffer_batch_size: Number of transitions of a gradient step, of each task.
        env_steps_per_iteration: Number of env steps between updates, in total over the tasks.
        gradient_steps_per_task: Number of gradient steps an iteration, of each task.
    """

    title: str
    task_set: str
    options: dict[str, OptionValue] = dataclasses.field(default_factory=dict)
    hidden_sizes: tuple[int, ...]
    buffer_batch_size: int
    env_steps_per_iteration: int
    gradient_steps_per_task: int


SETTINGS: dict[str, Setting] = {
    "jaco": Setting(
        title="JacoReachMT5-v1 with its preset",
        task_set="JacoReachMT5-v1",
        hidden_sizes=(256, 256),
        buffer_batch_size=32,
        env_steps_per_iteration=1000,
        gradient_steps_per_task=200,
    ),
    "jaco_collect": Setting(
        title="JacoReachMT5-v1, collecting alone",
        task_set="JacoReachMT5-v1",
        hidden_sizes=(256, 256),
        buffer_batch_size=32,
        # Whole episodes of all tasks.
        env_steps_per_iteration=6000,
        gradient_steps_per_task=0,
    ),
    "metaworld": Setting(
        title="Meta-World, doors and drawers",
        task_set="MetaWorldCustom-v2",
        options={"tasks": "door-open,door-close,drawer-open,drawer-close"},
        hidden_sizes=(256, 256),
        buffer_batch_size=256,
        env_steps_per_iteration=2000,
        gradient_steps_per_task=50,
    ),
    "collect": Setting(
        title="MetaWorldMT50-v2, collecting alone",
        task_set="MetaWorldMT50-v2",
        hidden_sizes=(400, 400),
        buffer_batch_size=128,
        # A tenth of its preset: the usual loop needs minutes for one round of whole episodes.
        env_steps_per_iteration=2500,
        gradient_steps_per_task=0,
    ),
}
