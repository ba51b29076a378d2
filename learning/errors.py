"""Errors that a user can mend: the command line prints them as one message, without a traceback."""

from typing import ClassVar


class UserError(Exception):
    """Base of all errors whose message alone tells the user what to change.

    Attributes:
        exit_code: What the command line exits with, so that a program which starts runs can tell
            the kinds apart without reading messages.
    """

    exit_code: ClassVar[int] = 1


class ConfigError(UserError):
    """An option that does not exist or whose value is not allowed."""

    # What click has for a wrong command line.
    exit_code = 2


class RecordError(UserError):
    """A run folder, or a file in it, that cannot be used as asked."""


class DivergenceError(UserError):
    """Training whose losses are no longer finite."""

    exit_code = 3


class SnapshotError(UserError):
    """A snapshot that is missing, damaged or of another program."""

    exit_code = 4


class BusyError(RecordError):
    """A run folder in which another process is training."""

    exit_code = 5


class RenderingError(UserError):
    """Nothing to draw or to encode pictures with."""


class RayError(UserError):
    """Ray, or a cluster of it, that is not there or cannot be used."""
