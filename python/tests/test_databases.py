"""Rows of wtmp.db and lastlog2.db, against what SQLite itself reads from the samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import loginrec

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "corpus" / "sqlite"
GENUINE = sorted(folder for folder in SAMPLES.glob("t-*") if not folder.name.startswith("t-image"))

pytestmark = pytest.mark.skipif(not GENUINE, reason="skipped: there is no shared corpus")


def expected(folder: Path) -> tuple[Path, list[str], list[list[Any]]]:
    found = json.loads((folder / "expected.json").read_text())
    [table] = found["tables"].values()
    return folder / found["database"], table["columns"], table["rows"]


def stored_bytes(value: Any) -> Any:
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return value.encode() if isinstance(value, str) else value


@pytest.mark.parametrize("folder", GENUINE, ids=lambda folder: folder.name)
def test_rows_of_sqlite(folder: Path) -> None:
    path, columns, rows = expected(folder)
    records = list(loginrec.open(path))
    assert [record.rowid for record in records] == [row[0] for row in rows]
    for record, row in zip(records, rows):
        stored = dict(zip(columns, row[1:]))
        for name, value in record.fields.items():
            want = stored[name]
            assert value == stored_bytes(want), name
        if isinstance(name := stored.get("User") or stored["Name"], str):
            assert record.user == name
        assert record.service == stored.get("Service")
        assert record.state == "live"
        assert record.lost == []
        if (logout := stored.get("Logout")) is not None and record.logout is not None:
            assert round(record.logout.timestamp() * 1e6) == logout
        row_dict = record.to_dict()
        assert row_dict["rowid"] == record.rowid
        assert row_dict["page"] == record.page
        assert row_dict["part"] == record.part
    assert len({*records, *loginrec.open(path)}) == len(records)


def test_a_log_beside_it_counts() -> None:
    path, _, rows = expected(SAMPLES / "t-wtmpdb-wal")
    assert {record.part for record in loginrec.open(path)} >= {"wal"}
    # The database alone has fewer rows, or older ones.
    alone = list(loginrec.open(path.read_bytes()))
    assert [record.to_dict() for record in alone] != rows


def test_sessions_have_both_ends() -> None:
    path, columns, rows = expected(SAMPLES / "t-wtmpdb-0.75.0")
    logins = [row for row in rows if row[1 + columns.index("Type")] == 3]
    sessions = loginrec.sessions(path)
    assert len(sessions) == len(logins)
    assert {session.how for session in sessions} == {"logout", "crash", "open"}
    assert "sshd" in {session.service for session in sessions}


def test_table_has_the_columns_of_rows() -> None:
    path, _, rows = expected(SAMPLES / "t-wtmpdb-0.75.0")
    table = loginrec.table(path, columns=["rowid", "logout", "service", "state"])
    assert len(table) == len(rows)
    assert table.column_names == ["rowid", "logout", "service", "state"]
    pyarrow = pytest.importorskip("pyarrow")
    assert pyarrow.table(table)["rowid"].to_pylist() == [row[0] for row in rows]


def test_last_logins_have_names() -> None:
    path, columns, rows = expected(SAMPLES / "t-util-linux-2.42.2")
    names = {row[1] for row in rows if row[1 + columns.index("Time")]}
    assert {record.user for record in loginrec.lastlog(path)} == names
    with pytest.raises(loginrec.WrongKindError):
        loginrec.sessions(path)


def test_rows_that_are_gone() -> None:
    log = loginrec.open(SAMPLES / "v-deleted-some" / "wtmp.db")
    gone = list(log.residue())
    assert {record.state for record in gone} == {"deleted", "superseded"}
    assert all(record.rowid is not None or record.lost for record in gone)
    assert list(loginrec.open(SAMPLES / "v-vacuumed" / "wtmp.db").residue()) == []
    assert list(loginrec.open(ROOT / "fixtures/glibc-x86_64/wtmp").residue()) == []


def test_evidence_stays_as_it_is() -> None:
    folder = SAMPLES / "v-wal"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(list(loginrec.open(folder / "wtmp.db"))) > 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
