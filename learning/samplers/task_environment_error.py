"""The errors that name the task whose environment failed."""

from collections.abc import Sequence


class TaskEnvironmentError(RuntimeError):
    """An environment raised, returned numbers that are not finite, or its process died.

    Args:
        task_names: Name of the task; those of all tasks of the worker where a process died.
        worker: Number of the worker process, None for this process.
        detail: What happened, with the original traceback where there is one.

    Attributes:
        task_names: As given.
        worker: As given.
        detail: As given.
    """

    def __init__(self, task_names: Sequence[str], worker: int | None, detail: str) -> None:
        self.task_names = tuple(task_names)
        self.worker = worker
        self.detail = detail
        tasks = ", ".join(self.task_names)
        place = "in this process" if worker is None else f"in worker {worker}"
        super().__init__(f"environment of {tasks} ({place}): {detail}")

    def __reduce__(self) -> tuple[type, tuple[tuple[str, ...], int | None, str]]:
        """Return what rebuilds it from its three arguments, so that it crosses process borders."""
        return type(self), (self.task_names, self.worker, self.detail)


class TaskStateError(TaskEnvironmentError, ValueError):
    """An environment could not be brought to a state; another state may still do."""
