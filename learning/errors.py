"""Errors that a user can mend: the command line prints them as one message, without a traceback."""


class UserError(Exception):
    """Base of all errors whose message alone tells the user what to change."""


class ConfigError(UserError):
    """An option that does not exist or whose value is not allowed."""


class RecordError(UserError):
    """A run folder, or a file in it, that cannot be used as asked."""


class SnapshotError(UserError):
    """A snapshot that is missing, damaged or of another program."""


class DivergenceError(UserError):
    """Training whose losses are no longer finite."""


class RenderingError(UserError):
    """Nothing to draw or to encode pictures with."""
