"""What the functions are given, as a list of sources."""

from __future__ import annotations

import errno
import os

from loginrec._errors import SourceWarning, _warn
from loginrec._loginrec import Source, is_root, kinds_of, machines_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, Literal

    from typing_extensions import TypeAlias

    #: ``'wtmp'`` and so on; ``'failures'`` are counts of failed logins.
    _Kind: TypeAlias = Literal["utmp", "wtmp", "btmp", "lastlog", "failures"]
    #: A path, a pattern, bytes, a file object, ``(name, bytes)``, a :class:`Source`, or a
    #: collection of them.
    _AnySource: TypeAlias = Any

#: Longest bytes that may be a path by mistake.
_LONGEST_PATH = 4096


class Machine:
    """A machine below a root: a collection of its files, as a source for every function."""

    __slots__ = ("name", "sources", "users")

    #: The name.
    name: str
    #: Its files, each log after its rotated copies.
    sources: list[Source]
    #: The names of its users by their ids, of its passwd.
    users: dict[int, str]

    def __init__(self, name: str, sources: Iterable[Source], users: dict[int, str]) -> None:
        self.name = name
        self.sources = list(sources)
        self.users = dict(users)

    def __iter__(self) -> Iterator[Source]:
        return iter(self.sources)

    def __len__(self) -> int:
        return len(self.sources)

    def __repr__(self) -> str:
        return f"<loginrec.Machine {self.name!r} {len(self.sources)} files>"

    @property
    def files(self) -> list[str | None]:
        """The paths of its files."""
        return [source.name for source in self.sources]

    def of_kind(self, *kinds: str) -> list[Source]:
        """Return the files of these kinds."""
        return [source for source in self.sources if _kind_of(source) in kinds]

    def sessions(self, **options: Any) -> Any:
        """Return its sessions: :func:`loginrec.sessions` of its files."""
        from loginrec import _api

        return _api._of_machine("sessions", self, options)

    def boots(self, **options: Any) -> Any:
        """Return its boots: :func:`loginrec.boots` of its files."""
        from loginrec import _api

        return _api._of_machine("boots", self, options)

    def timeline(self, **options: Any) -> Any:
        """Return its events: :func:`loginrec.timeline` of its files."""
        from loginrec import _api

        return _api._of_machine("timeline", self, options)

    def lastlog(self, **options: Any) -> Any:
        """Return the last logins: :func:`loginrec.lastlog` of its files."""
        from loginrec import _api

        return _api._of_machine("lastlog", self, options)

    def failures(self, **options: Any) -> Any:
        """Return the failed logins that were counted: :func:`loginrec.failures` of its files."""
        from loginrec import _api

        return _api._of_machine("failures", self, options)

    def summary(self, **options: Any) -> Any:
        """Return numbers of logins: :func:`loginrec.summary` of its files."""
        from loginrec import _api

        return _api._of_machine("summary", self, options)

    def audit(self, **options: Any) -> Any:
        """Return what does not fit: :func:`loginrec.audit` of its files."""
        from loginrec import _api

        return _api._of_machine("findings", self, options)

    def table(self, rows: str = "records", **options: Any) -> Any:
        """Return rows as Arrow columns: :func:`loginrec.table` of its files."""
        from loginrec import _api

        return _api._table_of_machine(self, rows, options)


class Root:
    """The machines below a folder, an archive or a disk image: a sequence, and a source."""

    __slots__ = ("machines", "path", "problems")

    #: The path as given.
    path: str
    #: The machines, in the order of their paths.
    machines: list[Machine]
    #: What could not be read, in words.
    problems: list[str]

    def __init__(self, path: str, machines: Iterable[Machine], problems: Iterable[str]) -> None:
        self.path = path
        self.machines = list(machines)
        self.problems = list(problems)

    def __iter__(self) -> Iterator[Machine]:
        return iter(self.machines)

    def __len__(self) -> int:
        return len(self.machines)

    def __getitem__(self, which: int | str) -> Machine:
        """Return a machine by its number or by its name."""
        if isinstance(which, str):
            for machine in self.machines:
                if machine.name == which:
                    return machine
            raise KeyError(which)
        return self.machines[which]

    def __repr__(self) -> str:
        return f"<loginrec.Root {self.path!r} {len(self.machines)} machines>"


def open_root(path: str | os.PathLike[str], *, scan: bool = False) -> Root:
    """Open a folder, an archive (tar, zip) or a disk image with the files of machines.

    Returns the machines, with their files at the places where each system keeps them. Links are
    followed as that system would, and never out of the root. ``scan=True`` looks at every file.

    >>> import loginrec
    >>> root = loginrec.open_root("fixtures/glibc-x86_64")
    >>> for machine in root:
    ...     print(machine.name, len(machine.sessions()))
    glibc-x86_64 26
    """
    path = os.fspath(path)
    machines, problems = machines_of(path, scan=scan)
    return Root(path, [Machine(*machine) for machine in machines], problems)


def resolve(
    sources: Sequence[_AnySource],
    rows: str,
    *,
    kind: str | None = None,
    machine: str | None = None,
    layout: str | None = None,
) -> list[Source]:
    """Return what was given, as a list of sources."""
    found: list[Source] = []
    kinds = kinds_of(rows)
    for given in sources:
        _add(given, kinds, found)
    if kind is machine is layout is None:
        return found
    return [source._with(kind=kind, machine=machine, layout=layout) for source in found]


def single(
    given: _AnySource,
    *,
    kind: str | None = None,
    machine: str | None = None,
    layout: str | None = None,
) -> Source:
    """Return the one source that was given."""
    source = _one(given)
    if source is None:
        message = f"expected one source (a path, bytes, a file object), not {_name_of(given)}"
        raise TypeError(message)
    if kind is machine is layout is None:
        return source
    return source._with(kind=kind, machine=machine, layout=layout)


def _one(given: _AnySource) -> Source | None:
    """Return a source that is no collection."""
    if isinstance(given, Source):
        return given
    if isinstance(given, (str, os.PathLike)):
        return Source(_path_of(given))
    if isinstance(given, bytes):
        return _of_bytes(given)
    if isinstance(given, tuple):
        if len(given) == 2 and isinstance(given[0], (str, os.PathLike)):
            name, data = given
            if not isinstance(data, (str, os.PathLike)):
                return Source(_data_of(data), os.fsdecode(name))
        return None
    if isinstance(given, (list, dict, set, frozenset)):
        return None
    if hasattr(given, "read"):
        name = getattr(given, "name", None)
        return Source(given, name if isinstance(name, str) else None)
    try:
        view = memoryview(given)
    except TypeError:
        return None
    return _of_bytes(bytes(view))


def _path_of(given: str | os.PathLike[str]) -> str:
    path = os.fsdecode(given)
    if "\0" in path:
        message = "a path has no NUL"
        raise ValueError(message)
    return path


def _data_of(data: Any) -> Any:
    """Return bytes or a file object."""
    if isinstance(data, bytes) or hasattr(data, "read"):
        return data
    try:
        return bytes(memoryview(data))
    except TypeError:
        message = f"expected (name, bytes or a file object), not (name, {_name_of(data)})"
        raise TypeError(message) from None


def _of_bytes(data: bytes) -> Source:
    if 0 < len(data) < _LONGEST_PATH and b"\0" not in data and os.path.exists(data):  # noqa: PTH110
        path = os.fsdecode(data)
        message = f"bytes are the content of a file; for the file of this name pass {path!r}"
        raise TypeError(message)
    return Source(data)


def _add(given: _AnySource, kinds: list[str], found: list[Source]) -> None:
    if isinstance(given, Root):
        for machine in given:
            _add(machine, kinds, found)
        return
    if isinstance(given, Machine):
        found.extend(given.of_kind(*kinds) if kinds else given)
        return
    if isinstance(given, (str, os.PathLike)):
        _add_path(_path_of(given), kinds, found)
        return
    source = _one(given)
    if source is not None:
        found.append(source)
        return
    try:
        members = iter(given)
    except TypeError:
        message = (
            "expected a path, bytes, a file object, (name, bytes) or a collection of them, "
            f"not {_name_of(given)}"
        )
        raise TypeError(message) from None
    for member in members:
        _add(member, kinds, found)


def _add_path(path: str, kinds: list[str], found: list[Source]) -> None:
    if not os.path.lexists(path) and any(mark in path for mark in "*?["):
        import glob

        paths = sorted(glob.glob(path, recursive=True))  # noqa: PTH207
        if not paths:
            raise FileNotFoundError(errno.ENOENT, "no file has such a name", path)
        for each in paths:
            _add_path(each, kinds, found)
        return
    if not is_root(path):
        found.append(Source(path))
        return
    root = open_root(path)
    for problem in root.problems:
        _warn(problem, SourceWarning)
    before = len(found)
    _add(root, kinds, found)
    if len(found) == before:
        what = "no file of login records" if not kinds else f"no {' or '.join(kinds)}"
        raise FileNotFoundError(errno.ENOENT, f"{what} is below this folder or archive", path)


def _kind_of(source: Source) -> str | None:
    """Return the kind of a source, as given or by its name."""
    if source.kind is not None:
        return source.kind
    from loginrec._loginrec import kind_of_name

    return kind_of_name(source.name or "")


def _name_of(given: object) -> str:
    return type(given).__name__


def _source_again(
    data: Any, name: str | None, kind: str | None, machine: str | None, layout: str | None
) -> Source:
    return Source(data, name, kind=kind, machine=machine, layout=layout)
