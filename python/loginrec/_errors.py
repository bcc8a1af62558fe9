"""What can go wrong, as exceptions with the path and the byte offset at hand."""

from __future__ import annotations


class Error(Exception):
    """The root of this package's own exceptions.

    What the file system says stays what Python makes of it: ``FileNotFoundError``,
    ``PermissionError``, with ``.filename``.
    """

    #: What is wrong, without the path.
    message: str
    #: The file; ``None`` for bytes.
    path: str | None
    #: The byte of the file where it happened, where it has a place.
    offset: int | None

    def __init__(self, message: str, path: str | None = None, offset: int | None = None) -> None:
        super().__init__(message, path, offset)
        self.message = message
        self.path = None if path is None else str(path)
        self.offset = offset

    def __str__(self) -> str:
        return self.message if self.path is None else f"{self.path!r}: {self.message}"


class NotRecognisedError(Error):
    """No known layout explains the bytes."""


class AmbiguousError(Error):
    """Several layouts explain the bytes and read them differently: name one of them."""

    #: The layouts between which the bytes leave the choice, best first.
    layouts: list[str]

    def __init__(
        self, message: str, path: str | None = None, layouts: list[str] | None = None
    ) -> None:
        super().__init__(message, path)
        self.args = (message, path, layouts)
        self.layouts = layouts or []


class WrongKindError(Error):
    """The file holds something else: no sessions, no lastlog."""


class DamageError(Error):
    """Lost framing at ``offset``: a damaged page, a length of zero. Reading goes on behind it."""


class TruncatedError(DamageError):
    """The file ends within the record at ``offset``. Nothing follows."""


class DamageWarning(UserWarning):
    """Lost framing, told instead of raised; the text of the ``DamageError`` it stands for."""
