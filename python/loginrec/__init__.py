"""Login records of every Unix: utmp, wtmp, btmp, utmpx, utx.log, lastlog, lastlogx, wtmp.db.

Reads them on any machine, whatever machine wrote them. The bytes of a file decide its platform,
record size and byte order; the host plays no part, and files are opened read-only.

* :func:`open` returns the records of a file, with their places and their bytes.
* :func:`table` returns the records of many files as Arrow columns, for polars, duckdb, pyarrow and
  pandas.
* :func:`audit` looks for traces of tampering, contradictions and damage.
* :func:`sessions` pairs logins with logouts, :func:`lastlog` returns users' last logins,
  :func:`detect` identifies the layout of a file, with reasons.
* :mod:`loginrec.pyutmpx` has the API of the module pyutmpx.

>>> import loginrec
>>> for record in loginrec.open("fixtures/glibc-s390x/utmp"):  # a big-endian mainframe's
...     if record.event == "login":
...         print(record.offset, record.user, record.line, record.time)
800 alice tty1 2023-11-14 22:14:20.500000+00:00
1600 carol pts/1 2023-11-14 22:16:20.000007+00:00
"""

from importlib.metadata import version as _version

from loginrec import pyutmpx
from loginrec._errors import (
    AmbiguousError,
    DamageError,
    DamageWarning,
    Error,
    NotRecognizedError,
    TruncatedError,
    WrongKindError,
)
from loginrec._loginrec import (
    Detection,
    Finding,
    LogFile,
    Record,
    RecordIterator,
    Session,
    Table,
    audit,
    detect,
    lastlog,
    layouts,
    open,
    sessions,
    table,
)

__version__ = _version("loginrec")

__all__ = [
    "AmbiguousError",
    "DamageError",
    "DamageWarning",
    "Detection",
    "Error",
    "Finding",
    "LogFile",
    "NotRecognizedError",
    "Record",
    "RecordIterator",
    "Session",
    "Table",
    "TruncatedError",
    "WrongKindError",
    "__version__",
    "audit",
    "detect",
    "lastlog",
    "layouts",
    "open",
    "pyutmpx",
    "sessions",
    "table",
]
