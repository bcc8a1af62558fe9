"""The functions of the package. What takes time is in Rust, without the interpreter lock."""

from __future__ import annotations

from collections import namedtuple

from loginrec import _loginrec as native
from loginrec._rows import Boot, Event, Failures, Row, Rows, Summary
from loginrec._sources import Machine, Root, open_root, resolve, single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from os import PathLike
    from typing import Any, Literal, NamedTuple

    from typing_extensions import TypeAlias

    from loginrec._loginrec import Detection, Finding, LogFile, Record, Session, Table
    from loginrec._sources import _AnySource, _Kind

    #: What to do about damage: a :class:`DamageWarning`, a :class:`DamageError`, nothing.
    _OnDamage: TypeAlias = Literal["warn", "raise", "ignore"]
    #: What to do about sources that cannot be read.
    _OnError: TypeAlias = Literal["warn", "raise", "row"]
    #: The kinds of rows.
    _RowKind: TypeAlias = Literal[
        "records",
        "sessions",
        "boots",
        "timeline",
        "findings",
        "lastlog",
        "failures",
        "summary",
    ]
    #: What a summary counts by.
    _By: TypeAlias = Literal["user", "source", "line", "machine", "day", "hour", "weekday"]


def open(
    source: _AnySource,
    layout: str | None = None,
    *,
    kind: _Kind | None = None,
    machine: str | None = None,
    damage: _OnDamage = "warn",
) -> LogFile:
    """Open a file of login records of any platform: a sequence of its records.

    ``source`` is a path, bytes, a file object, ``(name, bytes)`` or a :class:`Source`; what is
    compressed (gzip, bzip2, xz, zstd, lz4) is decompressed. The layout is detected from the
    content; if that is ambiguous (:class:`AmbiguousError`), pass it as ``layout``. The content and
    the name show the kind, unless ``kind`` does: the records of a ``'btmp'`` are failed logins.
    ``damage`` chooses the reaction to lost framing, such as a truncated file: a
    :class:`DamageWarning` (``"warn"``), a :class:`DamageError` after which an iterator continues
    (``"raise"``), or nothing (``"ignore"``).

    >>> import loginrec
    >>> with loginrec.open("fixtures/glibc-x86_64/wtmp") as log:
    ...     print(len(log), log[0].event, log[-1].event)
    46 boot login
    """
    return native.open_log(single(source, kind=kind, machine=machine, layout=layout), damage)


def table(
    *sources: _AnySource,
    rows: _RowKind = "records",
    columns: Sequence[str] | None = None,
    raw: bool = False,
    kind: _Kind | None = None,
    machine: str | None = None,
    layout: str | None = None,
    damage: _OnDamage = "warn",
    on_error: _OnError = "warn",
    keep: bool | None = None,
    **options: Any,
) -> Table:
    r"""Return the rows of files as Arrow columns, for polars, duckdb, pyarrow and pandas.

    ``sources`` are paths, patterns (``"/cases/*/wtmp*"``), folders, archives, disk images, bytes,
    file objects, ``(name, bytes)``, and lists of all that; records are in their order. All files
    have the same columns, those of :func:`schema`: fields that a platform does not store are null.
    Text that is not UTF-8 has ``\xNN`` for each invalid byte, and its bytes in the column
    ``*_hex``.

    ``rows`` chooses what is made of the files; the others are those of :func:`sessions`,
    :func:`boots`, :func:`timeline`, :func:`audit`, :func:`lastlog`, :func:`failures` and
    :func:`summary`, with their options. ``columns`` selects columns and their order: only those are
    made. ``raw=True`` adds the bytes of records.

    The rows of files of up to 64 MiB together are kept in memory; those of longer ones, or with
    ``keep=False``, are made each time they are taken, batch by batch and in bounded memory.

    A source that cannot be read is a :class:`SourceWarning`, and an exception if nothing else is
    readable; ``on_error="raise"`` makes it an exception, ``"row"`` a row with the column ``error``.

    >>> import loginrec
    >>> loginrec.table("fixtures/*/btmp", columns=["time", "user"])
    <loginrec.Table 76 rows, 2 columns>
    """
    given = resolve(sources, rows, kind=kind, machine=machine, layout=layout)
    options.update(columns=columns, raw=raw, damage=damage, on_error=on_error, keep=keep)
    return _table(given, rows, **options)


def _table(
    given: list[native.Source], rows: str, *, by: str | Sequence[str] | None = None, **options: Any
) -> Table:
    if by is not None:
        options["by"] = [by] if isinstance(by, str) else list(by)
    if options.get("columns") is not None:
        columns = options["columns"]
        if isinstance(columns, str):
            message = "columns is a list of names, not a str"
            raise TypeError(message)
        options["columns"] = list(columns)
    if options.get("users") is not None:
        options["users"] = dict(options["users"])
    return native.make_table(given, rows, **options)


def _rows(given: list[native.Source], rows: str, options: dict[str, Any]) -> Rows[Any]:
    made = _table(given, rows, **options)
    found: Rows[Any] = Rows(made, _MAKERS[rows])
    if made._is_kept:
        found._all()
    return found


def _maker(row: type[Row]) -> Callable[[Table], list[Any]]:
    def make(table: Table) -> list[Any]:
        names = tuple(table.column_names)
        return [row(names, values) for values in table._tuples()]

    return make


_MAKERS: dict[str, Callable[[Any], list[Any]]] = {
    "sessions": native.sessions_of,
    "boots": _maker(Boot),
    "timeline": _maker(Event),
    "findings": native.findings_of,
    "lastlog": native.lastlogs_of,
    "failures": _maker(Failures),
    "summary": _maker(Summary),
}


def _of_machine(rows: str, machine: Machine, options: dict[str, Any]) -> Rows[Any]:
    given = resolve([machine], rows)
    if "users" not in options and rows in _WITH_USERS:
        options = {**options, "users": machine.users}
    return _rows(given, rows, options)


def _table_of_machine(machine: Machine, rows: str, options: dict[str, Any]) -> Table:
    if "users" not in options and rows in _WITH_USERS:
        options = {**options, "users": machine.users}
    return _table(resolve([machine], rows), rows, **options)


#: Rows whose files have user ids instead of names.
_WITH_USERS = {"timeline", "findings", "lastlog", "failures", "summary"}


def sessions(
    *sources: _AnySource,
    correct_clock: bool = False,
    kind: _Kind | None = None,
    machine: str | None = None,
    layout: str | None = None,
    damage: _OnDamage = "warn",
    on_error: _OnError = "warn",
) -> Rows[Session]:
    """Pair logins with their ends, by the rules of each platform.

    The sources of one machine are its history and read in the order of their first records, however
    they are named: sessions continue from wtmp.1 into wtmp. Sessions come as they end, then those
    still open. A btmp or a lastlog is a :class:`WrongKindError`. ``correct_clock`` corrects
    durations by recorded clock changes. ``sources`` and the other options are those of
    :func:`table`.

    >>> import loginrec
    >>> for session in loginrec.sessions("fixtures/freebsd-utx-log/utx.log"):
    ...     if session.user == "alice":
    ...         print(session.login, session.duration, session.how)
    2023-05-02 19:55:20.853988+00:00 0:16:20.543658 logout
    """
    given = resolve(sources, "sessions", kind=kind, machine=machine, layout=layout)
    options = {"correct_clock": correct_clock, "damage": damage, "on_error": on_error}
    return _rows(given, "sessions", options)


def boots(
    *sources: _AnySource,
    kind: _Kind | None = None,
    machine: str | None = None,
    layout: str | None = None,
    damage: _OnDamage = "warn",
    on_error: _OnError = "warn",
) -> Rows[Boot]:
    """Pair boots with their ends.

    Reads the sources as :func:`sessions` does.

    >>> import loginrec
    >>> for boot in loginrec.boots("fixtures/glibc-x86_64/wtmp"):
    ...     print(boot.boot, boot.how, boot.kernel)
    2023-11-14 22:13:20.123456+00:00 shutdown 6.1.0-13-amd64
    2023-11-14 23:53:20.000031+00:00 crash 6.1.0-14-amd64
    2023-11-15 00:10:00.000033+00:00 open 6.1.0-14-amd64
    """
    given = resolve(sources, "boots", kind=kind, machine=machine, layout=layout)
    return _rows(given, "boots", {"damage": damage, "on_error": on_error})


def timeline(
    *sources: _AnySource,
    users: Mapping[int, str] | None = None,
    kind: _Kind | None = None,
    machine: str | None = None,
    layout: str | None = None,
    damage: _OnDamage = "warn",
    on_error: _OnError = "warn",
) -> Rows[Event]:
    """Return the events of files of every kind in the order of time.

    Logins, logouts, failed logins, boots, shutdowns, clock changes, last logins. A logout has the
    user and the host of the login that it ends. ``users`` maps user ids to names, because a lastlog
    has ids only. ``sources`` and the other options are those of :func:`table`.

    >>> import loginrec
    >>> for event in loginrec.timeline("fixtures/freebsd-utx-log/utx.log"):
    ...     if event.user == "alice":
    ...         print(event.time, event.event, event.host, event.offset)
    2023-05-02 19:55:20.853988+00:00 login client.example.org 71
    2023-05-02 20:11:41.397646+00:00 logout client.example.org 244
    """
    given = resolve(sources, "timeline", kind=kind, machine=machine, layout=layout)
    return _rows(given, "timeline", {"users": users, "damage": damage, "on_error": on_error})


def audit(
    *sources: _AnySource,
    users: Mapping[int, str] | None = None,
    kind: _Kind | None = None,
    machine: str | None = None,
    layout: str | None = None,
    on_error: _OnError = "warn",
) -> Rows[Finding]:
    """Look for traces of tampering, contradictions and damage.

    The sources of one machine are compared: utmp, lastlog and btmp with wtmp, rotated copies with
    the files that follow them. ``users`` maps user ids to names, because a lastlog has ids only.
    The findings are in the order of files and offsets. Damage is a finding here, not a warning.
    ``sources`` and the other options are those of :func:`table`.
    """
    given = resolve(sources, "findings", kind=kind, machine=machine, layout=layout)
    return _rows(given, "findings", {"users": users, "on_error": on_error})


def lastlog(
    *sources: _AnySource,
    users: Mapping[int, str] | None = None,
    kind: _Kind | None = None,
    machine: str | None = None,
    layout: str | None = None,
    damage: _OnDamage = "warn",
    on_error: _OnError = "warn",
) -> Rows[Record]:
    """Return each user's last login, of a lastlog, lastlogx or lastlog2.db.

    A record has the user id in ``uid``; those of a lastlog2.db have names. Users who never logged
    in are left out. Any other file is a :class:`WrongKindError`. ``users`` maps user ids to names,
    for the columns. ``sources`` and the other options are those of :func:`table`.

    >>> import loginrec
    >>> [last.uid for last in loginrec.lastlog("fixtures/linux-lastlog-292-le/lastlog")][:2]
    [0, 3]
    """
    given = resolve(sources, "lastlog", kind=kind, machine=machine, layout=layout)
    return _rows(given, "lastlog", {"users": users, "damage": damage, "on_error": on_error})


def failures(
    *sources: _AnySource,
    users: Mapping[int, str] | None = None,
    kind: _Kind | None = None,
    machine: str | None = None,
    layout: str | None = None,
    damage: _OnDamage = "warn",
    on_error: _OnError = "warn",
) -> Rows[Failures]:
    """Return the failed logins that a faillog, tallylog or faillock counts by user.

    The failed logins of a btmp are records: :func:`table`. ``users`` maps user ids to names.
    ``sources`` and the other options are those of :func:`table`.
    """
    given = resolve(sources, "failures", kind=kind, machine=machine, layout=layout)
    return _rows(given, "failures", {"users": users, "damage": damage, "on_error": on_error})


def summary(
    *sources: _AnySource,
    by: _By | Sequence[_By] | None = None,
    users: Mapping[int, str] | None = None,
    kind: _Kind | None = None,
    machine: str | None = None,
    layout: str | None = None,
    damage: _OnDamage = "warn",
    on_error: _OnError = "warn",
) -> Rows[Summary]:
    """Count logins and failed logins by one or more of their values, the most frequent first.

    ``by`` is one or more of ``"user"``, ``"source"`` (the address, or the host without one),
    ``"line"``, ``"machine"``, ``"day"``, ``"hour"`` and ``"weekday"`` (in UTC). Without it there
    are rows for each machine, then for each source, then for each user. ``sources`` and the other
    options are those of :func:`table`.

    >>> import loginrec
    >>> [found.failed for found in loginrec.summary("fixtures/glibc-x86_64/btmp", by="machine")]
    [8]
    """
    given = resolve(sources, "summary", kind=kind, machine=machine, layout=layout)
    options = {"by": by, "users": users, "damage": damage, "on_error": on_error}
    return _rows(given, "summary", options)


def detect(source: _AnySource, *, kind: _Kind | None = None) -> Detection:
    """Identify the layout of a file, with confidence and reasons.

    ``source`` is one of those of :func:`open`. A file that is not recognized does not raise an
    exception here: see ``verdict``.
    """
    return native.detect_source(single(source, kind=kind))


if TYPE_CHECKING:

    class Carved(NamedTuple):
        """A record that was found in other bytes."""

        #: The record, with its offset in the source.
        record: Record
        #: Evidence in bits, of the record and of its neighbors.
        confidence: int
        #: The number of the run: records that follow one another without a gap.
        run: int

else:
    Carved = namedtuple("Carved", "record confidence run", module="loginrec")
    Carved.__doc__ = "A record that was found in other bytes."


def carve(source: _AnySource, *, min_confidence: int | None = None) -> list[Carved]:
    """Find login records in bytes of any kind: an image, a memory dump, a damaged file.

    ``source`` is one of those of :func:`open`. Records of less than ``min_confidence`` bits are
    left out.
    """
    found = native.carve_source(single(source), min_confidence=min_confidence)
    return [Carved(*one) for one in found]


def undump(rows: Any, path: str | PathLike[str]) -> int:
    r"""Restore a file from its records, bit for bit: the other half of ``to_dict(raw=True)``.

    ``rows`` are dicts or :class:`Record`\ s, of one file and in any order, with ``offset`` and
    ``raw``; or the lines of ``loginrec dump --raw --format jsonl``. Returns the number of bytes.
    The file must not exist.
    """
    from loginrec._undump import restore

    return restore(rows, path)


def archive(data: _AnySource, *, name: str | None = None) -> Root:
    """Open an archive or an image that is in memory, or a path: see :func:`open_root`."""
    if isinstance(data, str) or hasattr(data, "__fspath__"):
        return open_root(data)
    import tempfile
    from pathlib import Path

    source = single(data if name is None else (name, data))
    title = name or source.name or "archive"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(title).name
        path.write_bytes(source.read())
        root = open_root(path)
    # The bytes of the files are kept.
    for one in root:
        one.sources = [source._renamed(str(path), title) for source in one.sources]
    problems = [problem.replace(str(path), title) for problem in root.problems]
    return Root(title, root.machines, problems)
