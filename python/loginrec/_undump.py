"""Files out of their records."""

from __future__ import annotations

import json
import os

from loginrec._loginrec import stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


#: Events of lines of ``loginrec dump --raw`` that are no records.
_STRAY = {"skipped", "content", "end"}


def _pieces(rows: Any) -> Iterator[tuple[int, bytes]]:
    for row in rows:
        if isinstance(row, (str, bytes)):
            if not row.strip():
                continue
            row = json.loads(row)
        if isinstance(row, dict):
            offset, raw, layout = row.get("offset"), row.get("raw"), row.get("layout")
        else:
            offset, raw, layout = row.offset, row.raw, row.layout
        if offset is None or raw is None:
            message = "a row has no offset or no raw: make rows with raw=True"
            raise ValueError(message)
        data = bytes.fromhex(raw) if isinstance(raw, str) else bytes(raw)
        is_record = not isinstance(row, dict) or row.get("event") not in _STRAY
        yield int(offset), stored(layout, data) if layout and is_record else data


def restore(rows: Any, path: str | os.PathLike[str]) -> int:
    """Write each record where it was, and return the length of the file."""
    end = 0
    done = False
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(file, "wb") as out:
            for offset, raw in _pieces(rows):
                out.seek(offset)
                out.write(raw)
                end = max(end, offset + len(raw))
        done = True
    finally:
        if not done:
            os.unlink(path)  # noqa: PTH108
    return end
