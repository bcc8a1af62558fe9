"""Rows as values of Python, and collections of them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta
    from os import PathLike
    from typing import Any, ClassVar, Generic, TypeVar, overload

    from typing_extensions import Self

    from loginrec._loginrec import LogFile, Record, Table

    _T = TypeVar("_T")

    class _Sequence(Generic[_T]):
        pass

else:
    # `typing` takes longer to import than this package.
    _Sequence = {"_T": object}


def _json(value: Any) -> Any:
    """Return a value as JSON has it."""
    from datetime import datetime

    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond:06}Z"
    if isinstance(value, bytes):
        return value.hex()
    return value


class Row:
    """A row of a table: a value that compares, hashes, copies and pickles."""

    __slots__ = ("_names", "_values")
    _rows: ClassVar[str]
    _names: tuple[str, ...]
    _values: tuple[Any, ...]

    def __init__(self, names: tuple[str, ...], values: tuple[Any, ...]) -> None:
        object.__setattr__(self, "_names", names)
        object.__setattr__(self, "_values", values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[self._names.index(name)]
        except ValueError:
            message = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(message) from None

    def __setattr__(self, name: str, value: object) -> None:
        message = f"{type(self).__name__} is read-only"
        raise AttributeError(message)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._names})

    def to_dict(self) -> dict[str, Any]:
        """Return the row as a dict that ``json.dumps`` takes, with the keys of its schema."""
        return {name: _json(value) for name, value in zip(self._names, self._values)}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return (self._names, self._values) == (other._names, other._values)

    def __hash__(self) -> int:
        return hash(str(self._values))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self._names, self._values))

    def __repr__(self) -> str:
        shown = " ".join(
            f"{name}={str(value) if hasattr(value, 'isoformat') else repr(value)}"
            for name, value in zip(self._names, self._values)
            if value is not None
        )
        return f"<loginrec.{type(self).__name__} {shown}>"


class Boot(Row):
    """An uptime: from a boot to a shutdown or to the next boot."""

    __slots__ = ()
    _rows = "boots"
    if TYPE_CHECKING:
        machine: str | None
        source: str | None
        #: The time of the boot.
        boot: datetime | None
        #: The end; after a crash, the next boot; ``None`` while the machine is up.
        down: datetime | None
        #: Whole seconds; while the machine is up, up to the newest record.
        seconds: int
        #: ``'shutdown'``, ``'crash'`` or ``'open'``.
        how: str
        kernel: str | None
        file: str | None
        offset: int
        down_file: str | None
        down_offset: int | None

    @property
    def duration(self) -> timedelta:
        """``seconds`` as a ``timedelta``."""
        from datetime import timedelta

        return timedelta(seconds=self.seconds)


class Event(Row):
    """An event of a timeline."""

    __slots__ = ()
    _rows = "timeline"
    if TYPE_CHECKING:
        machine: str | None
        source: str | None
        time: datetime | None
        #: The stored numbers of a time that no calendar has.
        raw_sec: int | None
        raw_usec: int | None
        event: str
        user: str | None
        uid: int | None
        line: str | None
        host: str | None
        addr: str | None
        pid: int | None
        session: int | None
        count: int | None
        file: str | None
        layout: str
        index: int
        offset: int
        #: Where the login is that a logout ends.
        login_file: str | None
        login_offset: int | None


class Failures(Row):
    """The failed logins of a user, as a faillog, tallylog or faillock counts them."""

    __slots__ = ()
    _rows = "failures"
    if TYPE_CHECKING:
        machine: str | None
        source: str | None
        uid: int | None
        user: str | None
        line: str | None
        host: str | None
        time: datetime | None
        count: int | None
        max: int | None
        lock_seconds: int | None
        status: int | None
        valid: bool | None
        file: str | None
        layout: str
        offset: int


class Summary(Row):
    """Numbers of logins and failed logins with one value, such as those of a user."""

    __slots__ = ()
    _rows = "summary"
    if TYPE_CHECKING:
        machine: str | None
        source: str | None
        user: str | None
        line: str | None
        day: str | None
        hour: int | None
        weekday: str | None
        logins: int
        failed: int
        seconds: int
        first: datetime | None
        last: datetime | None
        users: int
        sources: int


class Rows(_Sequence["_T"]):
    """Rows of files: a sequence of objects, and Arrow columns for other libraries.

    ``polars.DataFrame(rows)``, ``pyarrow.table(rows)``, ``duckdb.sql("from rows")`` and
    ``pandas.DataFrame.from_arrow(rows)`` take the columns without making the objects; ``table`` has
    them. The objects of long files are made when they are asked for.
    """

    __slots__ = ("_items", "_make", "table")

    #: The columns.
    table: Table

    def __init__(self, table: Table, make: Callable[[Table], list[_T]]) -> None:
        self.table = table
        self._make = make
        self._items: list[_T] | None = None

    def _all(self) -> list[_T]:
        if self._items is None:
            self._items = self._make(self.table)
        return self._items

    def __len__(self) -> int:
        return len(self.table) if self._items is None else len(self._items)

    def __iter__(self) -> Iterator[_T]:
        return iter(self._all())

    def __reversed__(self) -> Iterator[_T]:
        return reversed(self._all())

    def __contains__(self, item: object) -> bool:
        return item in self._all()

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, at: int) -> _T: ...
        @overload
        def __getitem__(self, at: slice) -> list[_T]: ...
        def __getitem__(self, at: int | slice) -> _T | list[_T]: ...

    else:

        def __getitem__(self, at):  # noqa: ANN001, ANN204
            return self._all()[at]

    def __bool__(self) -> bool:
        return len(self) > 0

    def __eq__(self, other: object) -> bool:
        """Compare with other rows, or with a list of them."""
        if isinstance(other, Rows):
            return self._all() == other._all()
        if isinstance(other, list):
            return self._all() == other
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return (_list_of, (self._all(),))

    def __repr__(self) -> str:
        return f"<loginrec.Rows of {self.table.rows}: {len(self)}>"

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dicts that ``json.dumps`` takes."""
        dicts: list[dict[str, Any]] = [item.to_dict() for item in self._all()]  # type: ignore[attr-defined]
        return dicts

    def to_parquet(self, path: str | PathLike[str]) -> None:
        """Write the columns to a Parquet file, in bounded memory."""
        self.table.to_parquet(path)

    def _repr_html_(self) -> str:
        return _html_of_table(self.table)

    def __arrow_c_schema__(self) -> object:
        """Return the columns' types, for other libraries."""
        return self.table.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the columns, for other libraries."""
        return self.table.__arrow_c_stream__(requested_schema)


if not TYPE_CHECKING:
    del _Sequence


def _list_of(items: list[_T]) -> list[_T]:
    return items


def _backwards(log: LogFile) -> Iterator[Record]:
    """Yield the records of a file of records of one size, the last one first."""
    for end in range(len(log), 0, -4096):
        yield from log[max(end - 4096, 0) : end][::-1]


#: Rows that a page shows.
_SHOWN = 20


def _html_of_table(table: Table) -> str:
    names = table.column_names
    return _html(names, table._tuples(_SHOWN), len(table), f"{table.rows}")


def _html_of_log(log: LogFile) -> str:
    records = log[:_SHOWN]
    names = ["index", "offset", "event", "time", "user", "line", "host", "pid"]
    rows = [tuple(getattr(record, name) for name in names) for record in records]
    return _html(names, rows, len(log), f"{log.path or 'bytes'}, {log.layout or 'empty'}")


def _html(names: list[str], rows: list[tuple[Any, ...]], count: int, title: str) -> str:
    from html import escape

    used = [at for at in range(len(names)) if any(row[at] is not None for row in rows)]

    def shown(value: Any) -> str:
        return "" if value is None else escape(str(_json(value)))

    head = "".join(f"<th>{escape(names[at])}</th>" for at in used)
    body = "".join(
        "<tr>" + "".join(f"<td>{shown(row[at])}</td>" for at in used) + "</tr>" for row in rows
    )
    more = f", the first {len(rows)}" if count > len(rows) else ""
    caption = f"<caption>{escape(title)}: {count} rows{more}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
