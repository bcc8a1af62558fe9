"""Exceptions, with the path and the byte offset of the problem."""

from __future__ import annotations

import sys
import warnings


class Error(Exception):
    """The base class of this package's own exceptions.

    Errors of the file system remain Python's own: ``FileNotFoundError``, ``PermissionError``, with
    ``.filename``.
    """

    #: The message, without the path.
    message: str
    #: The file; ``None`` for bytes.
    path: str | None
    #: The byte offset in the file; ``None`` if there is none.
    offset: int | None

    def __init__(self, message: str, path: str | None = None, offset: int | None = None) -> None:
        super().__init__(message, path, offset)
        self.message = message
        self.path = None if path is None else str(path)
        self.offset = offset

    def __str__(self) -> str:
        return self.message if self.path is None else f"{self.path!r}: {self.message}"


class NotRecognizedError(Error):
    """No known layout matches the bytes."""


class AmbiguousError(Error):
    """Several layouts match the bytes and decode them differently: choose one of them."""

    #: The layouts that match equally well, best first.
    layouts: list[str]

    def __init__(
        self, message: str, path: str | None = None, layouts: list[str] | None = None
    ) -> None:
        super().__init__(message, path)
        self.args = (message, path, layouts)
        self.layouts = layouts or []


class WrongKindError(Error):
    """The file is of another kind: it has no sessions, or is not a lastlog."""


class DamageError(Error):
    """Lost framing at ``offset``: a damaged page, a length of zero. Reading continues after it."""


class TruncatedError(DamageError):
    """The file ends within the record at ``offset``. Reading ends."""


class DamageWarning(UserWarning):
    """Lost framing, as a warning with the text of the corresponding ``DamageError``."""


class SourceWarning(UserWarning):
    """A source that could not be read while others could, with the text of its exception."""


#: Packages that call this one for the program.
_BETWEEN = {"loginrec", "duckdb", "pandas", "polars", "pyarrow"}


def _warn(message: str, category: type[Warning]) -> None:
    """Warn at the line of the program that called this package, maybe through another one."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None:
        name = frame.f_globals.get("__name__", "")
        if name.partition(".")[0] not in _BETWEEN:
            break
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
