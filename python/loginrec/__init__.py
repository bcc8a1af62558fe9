"""Login records of every Unix: utmp, wtmp, btmp, utmpx, utx.log, lastlog, lastlogx, wtmp.db.

Reads them on any machine, whatever machine wrote them. The bytes of a file decide its platform,
record size and byte order; the host plays no part, and files are opened read-only.

* :func:`open` returns the records of a file, with their places and their bytes.
* :func:`table` returns the records of many files as Arrow columns, for polars, duckdb, pyarrow and
  pandas.
* :func:`audit` looks for traces of tampering, contradictions and damage.
* :func:`sessions` and :func:`boots` pair logins and boots with their ends, :func:`timeline` sorts
  the events of all files, :func:`lastlog` returns users' last logins, :func:`failures` and
  :func:`summary` count, :func:`detect` identifies the layout of a file, with reasons.
* :func:`open_root` opens folders, archives and disk images with the files of machines.
* :mod:`loginrec.pyutmpx` has the API of the module pyutmpx 0.4, :mod:`loginrec.pyutmpx03` that of
  its documentation until 0.3.1.

>>> import loginrec
>>> for record in loginrec.open("fixtures/glibc-s390x/utmp"):  # a big-endian mainframe's
...     if record.event == "login":
...         print(record.offset, record.user, record.line, record.time)
800 alice tty1 2023-11-14 22:14:20.500000+00:00
1600 carol pts/1 2023-11-14 22:16:20.000007+00:00
"""

from __future__ import annotations

from loginrec._api import (
    Carved,
    archive,
    audit,
    boots,
    carve,
    detect,
    failures,
    lastlog,
    open,
    sessions,
    summary,
    table,
    timeline,
    undump,
)
from loginrec._errors import (
    AmbiguousError,
    DamageError,
    DamageWarning,
    Error,
    NotRecognizedError,
    SourceWarning,
    TruncatedError,
    WrongKindError,
)
from loginrec._loginrec import (
    VERSION as __version__,  # noqa: N811
)
from loginrec._loginrec import (
    Detection,
    Finding,
    LogFile,
    Record,
    RecordIterator,
    Schema,
    Session,
    Source,
    Table,
    audit_rules,
    layouts,
    schema,
)
from loginrec._rows import Boot, Event, Failures, Rows, Summary
from loginrec._sources import Machine, Root, open_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from loginrec import pyutmpx, pyutmpx03

__all__ = [
    "AmbiguousError",
    "Boot",
    "Carved",
    "DamageError",
    "DamageWarning",
    "Detection",
    "Error",
    "Event",
    "Failures",
    "Finding",
    "LogFile",
    "Machine",
    "NotRecognizedError",
    "Record",
    "RecordIterator",
    "Root",
    "Rows",
    "Schema",
    "Session",
    "Source",
    "SourceWarning",
    "Summary",
    "Table",
    "TruncatedError",
    "WrongKindError",
    "__version__",
    "archive",
    "audit",
    "audit_rules",
    "boots",
    "carve",
    "detect",
    "failures",
    "lastlog",
    "layouts",
    "open",
    "open_root",
    "pyutmpx",
    "pyutmpx03",
    "schema",
    "sessions",
    "summary",
    "table",
    "timeline",
    "undump",
]


def __getattr__(name: str) -> ModuleType:
    # Imported when they are wanted: `import loginrec` takes a few milliseconds.
    if name in ("pyutmpx", "pyutmpx03"):
        from importlib import import_module

        return import_module(f"loginrec.{name}")
    message = f"module 'loginrec' has no attribute {name!r}"
    raise AttributeError(message)
