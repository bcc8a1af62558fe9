"""Files that change while they are read, and files too long to be read whole."""

from __future__ import annotations

import os
import pickle
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

import loginrec
from loginrec import pyutmpx

WTMP = Path("fixtures/glibc-x86_64/wtmp")
LASTLOG = Path("fixtures/linux-lastlog-292-le/lastlog")
SIZE = 384


@pytest.fixture
def wtmp(tmp_path: Path) -> Path:
    """A file of some 4 MiB."""
    path = tmp_path / "wtmp"
    path.write_bytes(WTMP.read_bytes() * (4 * 2**20 // WTMP.stat().st_size))
    return path


ITERABLES: list[Callable[[Path], Iterable[Any]]] = [
    loginrec.open,
    lambda path: pyutmpx.open(path, all=True, errors="backslashreplace"),
]


@pytest.mark.parametrize("open", ITERABLES)
def test_a_file_cut_short_while_it_is_open(
    open: Callable[[Path], Iterable[Any]], wtmp: Path
) -> None:
    opened = open(wtmp)
    records = iter(opened)
    first = next(records)
    whole = 3 * 2**20 // SIZE
    os.truncate(wtmp, whole * SIZE)
    with pytest.warns(loginrec.DamageWarning, match="became shorter"):
        rest = list(records)
    assert [first, *rest] == list(open(wtmp))
    assert len(rest) == whole - 1
    os.truncate(wtmp, 0)
    with pytest.warns(loginrec.DamageWarning, match="byte 0: .* became shorter"):
        assert list(opened) == []


def test_shorter_is_damage_with_a_place(wtmp: Path) -> None:
    log = loginrec.open(wtmp, damage="raise")
    os.truncate(wtmp, 10 * SIZE)
    records = iter(log)
    assert len([next(records) for _ in range(10)]) == 10
    with pytest.raises(loginrec.DamageError) as caught:
        next(records)
    assert (caught.value.offset, caught.value.path) == (10 * SIZE, str(wtmp))
    assert list(records) == []
    assert log.get(9) is not None
    assert log.get(10) is None


def test_what_is_appended_does_not_count(wtmp: Path) -> None:
    log = loginrec.open(wtmp)
    before = list(log)
    with wtmp.open("ab") as file:
        file.write(WTMP.read_bytes())
    assert list(log) == before
    assert log.get(len(before)) is None
    assert len(list(loginrec.open(wtmp))) > len(before)


def test_a_file_taken_away_can_still_be_read(wtmp: Path) -> None:
    log = loginrec.open(wtmp)
    if os.name == "posix":
        wtmp.unlink()
    assert len(list(log)) == len(list(log)) > 10_000


def test_iterators_do_not_disturb_one_another(wtmp: Path) -> None:
    log = loginrec.open(wtmp)
    one = iter(log)
    firsts = [next(one) for _ in range(3000)]
    assert log.get(5) == firsts[5]
    assert list(log)[:3000] == firsts
    assert next(one).index == 3000


def test_a_lastlog_of_more_than_a_terabyte(tmp_path: Path) -> None:
    path = tmp_path / "lastlog"
    slot = struct.pack("<i32s256s", 1_700_000_000, b"pts/0", b"client.example.org")
    far = 4_294_967_294
    path.write_bytes(LASTLOG.read_bytes())
    try:
        with path.open("r+b") as file:
            file.seek(far * len(slot))
            file.write(slot)
    except OSError as error:
        pytest.skip(f"no file can be that long here: {error}")
    if not hasattr(path.stat(), "st_blocks") or path.stat().st_blocks > 10_000:
        pytest.skip("the file system stores holes")
    near = loginrec.lastlog(LASTLOG)
    last = loginrec.lastlog(path)
    assert [(one.uid, one.raw) for one in last[:-1]] == [(one.uid, one.raw) for one in near]
    assert (last[-1].uid, last[-1].line, last[-1].offset) == (far, "pts/0", far * len(slot))
    assert last[-1].time is not None
    log = loginrec.open(path)
    assert log.get(far) == last[-1]
    table = loginrec.table(path, columns=["uid"])
    assert len(table) < 100_000
    entries = pyutmpx.open(path, errors="replace")
    assert [entry.uid for entry in entries] == [one.uid for one in last]
    assert loginrec.detect(path).layout == "linux-lastlog-292-le"


def test_damage_can_be_pickled(wtmp: Path) -> None:
    log = loginrec.open(wtmp, damage="raise")
    os.truncate(wtmp, 0)
    with pytest.raises(loginrec.DamageError) as caught:
        list(log)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.offset) == (str(caught.value), 0)
