"""The API of the module pyutmpx as its documentation described it until release 0.3.1.

``from loginrec import pyutmpx03 as pyutmpx`` is all that a program written for that documentation
has to change. It differs from :mod:`loginrec.pyutmpx`, which is that of 0.4.1:

* times are naive, in the local time zone (``TZ``),
* there are the seven types of POSIX; records of other types are left out,
* a missing file has no entries,
* entries have ``id``, ``type``, ``user``, ``host``, ``line``, ``time`` and ``pid``.

Release 0.3.1 itself gave times in UTC; the documentation says local, and so does this module.

>>> import datetime
>>> from loginrec import pyutmpx03 as pyutmpx
>>> for entry in pyutmpx.open("fixtures/glibc-x86_64/utmp"):
...     if entry.type == pyutmpx.USER_PROCESS:
...         print(entry.user, entry.line, datetime.datetime.now() > entry.time)
alice tty1 True
carol pts/1 True
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from loginrec import pyutmpx as _pyutmpx
from loginrec._loginrec import read_system as _read_system
from loginrec._loginrec import system_path as _system_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typing_extensions import Self

    from loginrec._sources import _AnySource

__all__ = [
    "BOOT_TIME",
    "DEAD_PROCESS",
    "INIT_PROCESS",
    "LOGIN_PROCESS",
    "NEW_TIME",
    "OLD_TIME",
    "USER_PROCESS",
    "lastlog",
    "lastlog_entry",
    "utmp",
    "utmp_entry",
    "version",
]

#: The version of pyutmpx whose API this is. The package's own is ``loginrec.__version__``.
version: Final = "0.3.1"

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

_TYPES = {
    BOOT_TIME: "BOOT_TIME",
    OLD_TIME: "OLD_TIME",
    NEW_TIME: "NEW_TIME",
    USER_PROCESS: "USER_PROCESS",
    INIT_PROCESS: "INIT_PROCESS",
    LOGIN_PROCESS: "LOGIN_PROCESS",
    DEAD_PROCESS: "DEAD_PROCESS",
}


class _Entry:
    """A value with keyword arguments, read-only attributes and the representation of pyutmpx."""

    __slots__ = ("_values",)
    _fields: ClassVar[tuple[str, ...]]
    #: Those that are shown, in the order of the original, which left out ``id``.
    _shown: ClassVar[tuple[str, ...]]
    _values: tuple[Any, ...]

    def __new__(cls, **values: Any) -> Self:
        """Take the values by their names; those that are not given are ``None``."""
        for name in values:
            if name not in cls._fields:
                message = f"{name!r} is an invalid keyword argument for this function"
                raise TypeError(message)
        self = super().__new__(cls)
        object.__setattr__(self, "_values", tuple(values.get(name) for name in cls._fields))
        return self

    def __init__(self, **values: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name in self._fields:
            return self._values[self._fields.index(name)]
        message = f"{type(self).__name__!r} object has no attribute {name!r}"
        raise AttributeError(message)

    def __setattr__(self, name: str, value: object) -> None:
        if name in self._fields:
            message = f"attribute {name!r} is read-only"
            raise AttributeError(message)
        object.__setattr__(self, name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._fields})

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values == other._values

    def __hash__(self) -> int:
        return hash(self._values)

    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]:
        return (), dict(zip(self._fields, self._values))

    def __getstate__(self) -> None:
        return None

    def __repr__(self) -> str:
        shown = []
        for name in self._shown:
            value = getattr(self, name)
            if name == "type" and value:
                known = _TYPES.get(value)
                shown.append(f"type = pyutmpx.{known}" if known else "type = (unknown)")
            elif value:
                shown.append(f"{name} = {value!r}")
        return f"pyutmpx.{type(self).__name__}({', '.join(shown)})"


class utmp_entry(_Entry):
    """One record of a utmp or wtmp."""

    __slots__ = ()
    _fields = ("id", "type", "user", "host", "line", "time", "pid")
    _shown = ("type", "time", "user", "host", "line", "pid")
    if TYPE_CHECKING:
        #: ``ut_id``: the ``inittab`` entry, or the end of the terminal's name.
        id: str
        #: One of the seven constants of this module.
        type: int
        user: str
        host: str
        line: str
        #: The local time, without a time zone.
        time: datetime
        pid: int


class lastlog_entry(_Entry):
    """A user's last login."""

    __slots__ = ()
    _fields = ("uid", "host", "line", "time")
    _shown = _fields
    if TYPE_CHECKING:
        uid: int
        host: str
        line: str
        #: The local time, without a time zone.
        time: datetime


def _local(time: datetime | None) -> datetime | None:
    return None if time is None else time.astimezone().replace(tzinfo=None)


def _entries(found: Iterable[Any]) -> Iterator[Any]:
    for entry in found:
        if isinstance(entry, _pyutmpx.lastlog_entry):
            time = _local(entry.time)
            yield lastlog_entry(uid=entry.uid, host=entry.host, line=entry.line, time=time)
        elif entry.type in _TYPES:
            yield utmp_entry(
                id=entry.id,
                type=entry.type,
                user=entry.user,
                host=entry.host,
                line=entry.line,
                time=_local(entry.time),
                pid=entry.pid,
            )


class _Database:
    """An iterable, read-only view of a file."""

    __slots__ = ("_found",)

    def __init__(self, found: Iterable[Any]) -> None:
        self._found = found

    def __iter__(self) -> Iterator[Any]:
        return _entries(self._found)

    def __repr__(self) -> str:
        return repr(self._found)


class _OfSystem(type):
    """A class that is also its only instance: it was documented as one and used as the other."""

    _kind: Literal["utmp", "lastlog"]

    def __iter__(cls) -> Iterator[Any]:
        """Read the whole file, as it is now."""
        try:
            found = _read_system(cls._kind)
        except FileNotFoundError:
            return iter(())
        return _entries(found)

    def __repr__(cls) -> str:
        return f"pyutmpx.{cls._kind}"

    @property
    def path(cls) -> str:
        """The path on the running system; ``''`` if it has none."""
        return _system_path(cls._kind) or ""


class utmp(metaclass=_OfSystem):
    """The current logins: iterate over it for its entries."""

    _kind = "utmp"

    def __iter__(self) -> Iterator[utmp_entry]:
        """Read the whole file, as it is now."""
        return iter(type(self))


class lastlog(metaclass=_OfSystem):
    """Each user's last login: iterate over it for its entries."""

    _kind = "lastlog"

    def __iter__(self) -> Iterator[lastlog_entry]:
        """Read the whole file, as it is now."""
        return iter(type(self))


def open(source: _AnySource, layout: str | None = None, **options: Any) -> _Database:
    """Open any file of login records of any platform: :func:`loginrec.pyutmpx.open`."""
    return _Database(_pyutmpx.open(source, layout, **options))


def __dir__() -> list[str]:
    # As the original; `open` is an extension of ours.
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
