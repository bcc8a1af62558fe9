"""Login records of every Unix: utmp, wtmp, btmp, utmpx, utx.log, lastlog, lastlogx.

From a copy on any machine, whatever machine wrote them. The bytes decide which platform, record
size and byte order a file has; nothing is asked of the host, and files are opened read-only.

* :func:`open` gives the records of a file, with their places and their bytes.
* :func:`table` gives the records of many files as Arrow columns, for polars, duckdb, pyarrow and
  pandas.
* :func:`audit` looks for what does not fit: traces of tampering, contradictions, damage.
* :func:`sessions` pairs logins with logouts, :func:`lastlog` gives users' last logins,
  :func:`detect` says which layout a file has and why.
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
    NotRecognisedError,
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
    "NotRecognisedError",
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
