"""The API of the module pyutmpx, for any file of any platform.

This is the API of release 0.4.1; that of the documentation until 0.3.1 is
:mod:`loginrec.pyutmpx03`. ``from loginrec import pyutmpx`` instead of ``import pyutmpx`` is all a
program has to change:

>>> from loginrec import pyutmpx
>>> for entry in pyutmpx.open("fixtures/glibc-x86_64/utmp"):
...     if entry.type == pyutmpx.USER_PROCESS:
...         print(entry.user, entry.line, entry.time)
alice tty1 2023-11-14 22:14:20.500000+00:00
carol pts/1 2023-11-14 22:16:20.000007+00:00

``utmp``, ``wtmp``, ``btmp`` and ``lastlog`` are the running system's databases: iterating one
reads the file as it is at that moment. Entries are read-only, compare by value, can be hashed,
copied and pickled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Generic, Literal, TypeVar

from loginrec._loginrec import (
    database,
    exit_status,
    iterator,  # noqa: F401
    lastlog_entry,
    open_database,
    read_system,
    system_path,
    utmp_entry,
)
from loginrec._sources import single as _single

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self, TypeAlias

    from loginrec._sources import _AnySource, _Kind

    _OnDamage: TypeAlias = Literal["warn", "raise", "ignore"]
    _TextErrors: TypeAlias = Literal[
        "strict", "surrogateescape", "backslashreplace", "replace", "ignore"
    ]

# Those of the original. A program that imports everything keeps the `open` of Python: ours is an
# extension, as are `database` and `iterator`.
__all__ = [
    "ACCOUNTING",
    "BOOT_TIME",
    "DEAD_PROCESS",
    "EMPTY",
    "INIT_PROCESS",
    "LOGIN_PROCESS",
    "NEW_TIME",
    "OLD_TIME",
    "RUN_LEVEL",
    "USER_PROCESS",
    "btmp",
    "exit_status",
    "lastlog",
    "lastlog_entry",
    "utmp",
    "utmp_entry",
    "version",
    "wtmp",
]

#: The version of pyutmpx whose API this is. The package's own is ``loginrec.__version__``.
version: Final = "0.4.1"

#: Nothing: an unused record.
EMPTY: Final = 0
#: The system came up.
BOOT_TIME: Final = 1
#: The time before the clock was set.
OLD_TIME: Final = 2
#: The time after the clock was set.
NEW_TIME: Final = 3
#: A user's session.
USER_PROCESS: Final = 4
#: A process started by init.
INIT_PROCESS: Final = 5
#: A session leader that waits for a user.
LOGIN_PROCESS: Final = 6
#: A session leader that has ended.
DEAD_PROCESS: Final = 7
#: The run level changed; on Linux also a shutdown.
RUN_LEVEL: Final = 8
#: System V accounting.
ACCOUNTING: Final = 9

_E = TypeVar("_E", utmp_entry, lastlog_entry)


class _System(Generic[_E]):
    """An iterable, read-only view of one of the running system's databases."""

    __slots__ = ()
    _kind: ClassVar[Literal["utmp", "wtmp", "btmp", "lastlog"]]
    _one: ClassVar[object] = None

    def __new__(cls) -> Self:
        """Return the only instance of each class."""
        if cls.__dict__.get("_one") is None:
            cls._one = super().__new__(cls)
        return cls._one  # type: ignore[return-value]

    @property
    def path(self) -> str:
        """The path on the running system; ``''`` if it has none."""
        return system_path(self._kind) or ""

    def __iter__(self) -> Iterator[_E]:
        """Read the whole file, as it is now."""
        return read_system(self._kind)

    def __repr__(self) -> str:
        return f"pyutmpx.{self._kind}"

    def __reduce__(self) -> str:
        return self._kind


class utmp_type(_System[utmp_entry]):
    """The current logins."""

    __slots__ = ()
    _kind = "utmp"


class wtmp_type(_System[utmp_entry]):
    """The history of logins, logouts and boots."""

    __slots__ = ()
    _kind = "wtmp"


class btmp_type(_System[utmp_entry]):
    """Failed logins."""

    __slots__ = ()
    _kind = "btmp"


class lastlog_type(_System[lastlog_entry]):
    """Each user's last login."""

    __slots__ = ()
    _kind = "lastlog"


#: Who is logged in.
utmp: Final = utmp_type()
#: The history of logins, logouts and boots.
wtmp: Final = wtmp_type()
#: Failed logins.
btmp: Final = btmp_type()
#: Each user's last login.
lastlog: Final = lastlog_type()


def open(
    source: _AnySource,
    layout: str | None = None,
    *,
    kind: _Kind | None = None,
    machine: str | None = None,
    errors: _TextErrors = "strict",
    all: bool = False,
    damage: _OnDamage = "warn",
) -> database:
    """Open any file of login records of any platform.

    ``source``, ``layout``, ``kind`` and ``machine`` are those of :func:`loginrec.open`. ``errors``
    chooses the handling of text that is not UTF-8, as in ``bytes.decode``: by default such an
    entry raises a ``UnicodeDecodeError``, after which the iterator continues with the next one.
    ``all=True`` also yields empty records and those whose type has no number in this API (``type``
    is ``None``). ``damage`` chooses the reaction to lost framing, such as a truncated file: a
    ``DamageWarning`` (``"warn"``), a ``DamageError`` after the whole records (``"raise"``), or
    nothing (``"ignore"``).
    """
    given = _single(source, kind=kind, machine=machine, layout=layout)
    return open_database(given, errors=errors, all=all, damage=damage)


def __dir__() -> list[str]:
    # As the original.
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
