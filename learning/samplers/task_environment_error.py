"""The errors that name the task whose environment failed."""

from collections.abc import Sequence


class TaskEnvironmentError(RuntimeError):
    """An environment raised, returned numbers that are not finite, or its process died.

    Args:
        task_names: the task; all tasks of the worker where a process died.
        worker: the worker process's number, None for this process.
        detail: what happened, with the original traceback where there is one.

    Attributes:
        task_names: as given.
        worker: as given.
        detail: as given.
    """

    def __init__(self, task_names: Sequence[str], worker: int | None, detail: str) -> None:
        self.task_names = tuple(task_names)
        self.worker = worker
        self.detail = detail
        tasks = ", ".join(self.task_names)
        place = "in this process" if worker is None else f"in worker {worker}"
        super().__init__(f"environment of {tasks} ({place}): {detail}")

    def __reduce__(self) -> tuple[type, tuple[tuple[str, ...], int | None, str]]:
        """Rebuilds from the three arguments, so that the error crosses process borders."""
        return type(self), (self.task_names, self.worker, self.detail)


class TaskStateError(TaskEnvironmentError, ValueError):
    """An environment could not be brought to a state; another state may still do."""
