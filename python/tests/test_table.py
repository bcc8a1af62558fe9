"""table() in each of the libraries it is for. One that is not installed is a skip."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import loginrec

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = sorted(path.relative_to(ROOT) for path in (ROOT / "fixtures").glob("*/*.jsonl"))
WTMP = "fixtures/glibc-x86_64/wtmp"
BTMP = "fixtures/glibc-x86_64/btmp"


def rows_of(table: Any) -> list[dict[str, Any]]:
    pyarrow = pytest.importorskip("pyarrow")
    rows: list[dict[str, Any]] = pyarrow.table(table).to_pylist()
    return rows


def expected(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the JSON contract in the columns' form, but for the time."""
    exit = row.get("exit", {})
    renamed = {"exit_termination": exit.get("termination"), "exit_exit": exit.get("exit")}
    same = ("file", "layout", "index", "offset", "raw_type", "user", "line", "host", "id")
    same += ("pid", "session", "addr", "uid")
    return {**{key: row.get(key) for key in same}, **renamed}


@pytest.mark.parametrize("path", EXPECTED, ids=str)
def test_every_fixture(path: Path) -> None:
    want = [json.loads(line) for line in path.read_text().splitlines()]
    own = want[0]["layout"].replace("time64a8", "glibc").replace("time64a4", "glibc")
    rows = rows_of(loginrec.table(str(path.with_suffix("")), layout=own))
    for row, expect in zip(rows, want):
        times = (row.pop("time"), expect["time"])
        kinds = (row.pop("type"), row.pop("event"))
        if "uid" not in expect:
            assert kinds == (expect["type"], expect["event"])
        if times[1] is None:
            assert times[0] is None
        else:
            shown = times[0].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            assert shown == times[1] or shown == times[1].replace("Z", ".000000Z")
        assert row == expected(expect)
    assert len(rows) == len(want)


def test_many_batches(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    data = (ROOT / WTMP).read_bytes() * 2000
    path = tmp_path / "wtmp"
    path.write_bytes(data)
    table = pyarrow.table(loginrec.table(path))
    records = len(data) // 384
    assert table.num_rows == records
    assert table["user"].num_chunks > 1
    assert table["index"].to_pylist() == list(range(records))
    assert table["offset"].to_pylist() == list(range(0, len(data), 384))
    once = pyarrow.table(loginrec.table(WTMP))
    for name in ("type", "event", "time", "user", "line", "host", "id", "pid", "addr"):
        assert table[name].to_pylist() == once[name].to_pylist() * 2000
    table.validate(full=True)


def test_several_files_have_the_same_columns() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    paths = [WTMP, "fixtures/freebsd-utx-log/utx.log", "fixtures/netbsd-lastlogx-428-le/lastlogx"]
    paths += ["fixtures/openbsd-utmp-304-le/wtmp", BTMP]
    one = [pyarrow.table(loginrec.table(path)) for path in paths]
    all = pyarrow.table(loginrec.table(*paths))
    all.validate(full=True)
    assert {table.schema.to_string() for table in one} == {all.schema.to_string()}
    assert all.num_rows == sum(table.num_rows for table in one)
    assert all["file"].to_pylist() == [p for p, t in zip(paths, one) for _ in range(t.num_rows)]
    for name in all.schema.names[1:]:
        assert all[name].to_pylist() == [v for table in one for v in table[name].to_pylist()], name


def test_the_three_capsules() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = loginrec.table(WTMP, BTMP)
    by_stream = pyarrow.table(table)
    by_array = pyarrow.record_batch(table)
    assert by_array.to_pylist() == by_stream.to_pylist()
    assert pyarrow.schema(table) == by_stream.schema
    assert len(table) == table.num_rows == by_stream.num_rows
    assert table.column_names == by_stream.schema.names
    # Capsules nobody takes anything from free what they hold.
    for _ in range(100):
        table.__arrow_c_stream__()
        table.__arrow_c_array__()
        table.__arrow_c_schema__()
    assert repr(table) == f"<loginrec.Table {len(table)} rows, 18 columns>"


def test_raw() -> None:
    rows = rows_of(loginrec.table(WTMP, raw=True))
    data = (ROOT / WTMP).read_bytes()
    assert b"".join(row["raw"] for row in rows) == data


def test_bytes_and_nothing() -> None:
    rows = rows_of(loginrec.table((ROOT / WTMP).read_bytes()))
    assert {row["file"] for row in rows} == {None}
    assert rows_of(loginrec.table()) == []
    assert rows_of(loginrec.table(b"")) == []


def test_damage(tmp_path: Path) -> None:
    path = tmp_path / "wtmp"
    path.write_bytes((ROOT / WTMP).read_bytes()[:1000])
    with pytest.warns(loginrec.DamageWarning, match="byte 768"):
        assert len(loginrec.table(path)) == 2
    with pytest.raises(loginrec.TruncatedError):
        loginrec.table(path, damage="raise")
    assert len(loginrec.table(path, damage="ignore")) == 2


def test_polars() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(loginrec.table(WTMP, BTMP))
    assert frame.height == len(loginrec.table(WTMP, BTMP))
    assert frame["time"].dtype == polars.Datetime("us", "UTC")
    failed = frame.filter(polars.col("event") == "failed-login")
    assert failed.height == len(loginrec.table(BTMP))
    users = [record.user for path in (WTMP, BTMP) for record in loginrec.open(path)]
    assert frame["user"].to_list() == users
    times = [record.time for path in (WTMP, BTMP) for record in loginrec.open(path)]
    assert frame["time"].to_list() == times


def test_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    if not hasattr(pandas.DataFrame, "from_arrow"):
        pytest.skip("this pandas takes no Arrow capsules: pyarrow.table(...).to_pandas() does")
    frame = pandas.DataFrame.from_arrow(loginrec.table(WTMP))
    records = list(loginrec.open(WTMP))
    assert frame["user"].tolist() == [record.user for record in records]
    assert frame["event"].tolist() == [record.event for record in records]


def test_duckdb() -> None:
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    log = loginrec.table(BTMP)
    found = duckdb.sql("select event, count(*), min(time)::varchar from log group by event")
    [(event, count, first)] = found.fetchall()
    assert (event, count) == ("failed-login", len(log))
    assert first.startswith("2023-11-14")
