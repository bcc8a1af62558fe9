"""table() in each of the libraries it is for. One that is not installed is a skip."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import loginrec

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = sorted(path.relative_to(ROOT) for path in (ROOT / "fixtures").glob("*/*.jsonl"))
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
    same += ("pid", "session", "addr", "uid", "machine", "source", "raw_sec", "raw_usec")
    same += ("logout", "service", "part", "page", "rowid", "state", "found_as", "lost")
    same += ("count", "max", "lock_seconds", "status", "valid", "remote_user", "copies", "error")
    same += ("logout_raw_sec", "logout_raw_usec")
    same += tuple(
        f"{text}_hex" for text in ("user", "line", "host", "id", "service", "remote_user")
    )
    return {**{key: row.get(key) for key in same}, **renamed}


@pytest.mark.parametrize("path", FIXTURES, ids=str)
def test_every_fixture(path: Path) -> None:
    want = [json.loads(line) for line in path.read_text().splitlines()]
    own = want[0]["layout"].replace("time64a8", "glibc").replace("time64a4", "glibc")
    rows = rows_of(loginrec.table(str(path.with_suffix("")), layout=own))
    for row, expect in zip(rows, want):
        times = (row.pop("time"), expect["time"])
        kinds = (row.pop("type"), row.pop("event"))
        assert kinds == (expect.get("type"), expect.get("event"))
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
    for name in set(all.schema.names) - {"file"}:
        assert all[name].to_pylist() == [v for table in one for v in table[name].to_pylist()], name


def test_the_capsules() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = loginrec.table(WTMP, BTMP)
    by_stream = pyarrow.table(table)
    # Another library takes an array for one column of structs.
    assert not hasattr(table, "__arrow_c_array__")
    assert pyarrow.schema(table) == by_stream.schema
    assert len(table) == table.num_rows == by_stream.num_rows
    assert table.column_names == by_stream.schema.names
    # Capsules nobody takes anything from free what they hold.
    for _ in range(100):
        table.__arrow_c_stream__()
        table.__arrow_c_schema__()
    assert repr(table) == f"<loginrec.Table {len(table)} rows, 46 columns>"


def test_columns_asked_for() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    paths = [WTMP, "fixtures/freebsd-utx-log/utx.log", "fixtures/netbsd-lastlogx-428-le/lastlogx"]
    paths.append("fixtures/linux-lastlog-292-le/lastlog")
    all = pyarrow.table(loginrec.table(*paths, raw=True))
    for names in (
        ["type", "pid", "user", "line", "host", "time"],
        ["uid", "raw", "file"],
        ["exit_exit"],
        ["exit_termination", "addr", "id", "layout"],
        list(reversed(all.schema.names)),
    ):
        table = loginrec.table(*paths, columns=names)
        assert table.column_names == names
        some = pyarrow.table(table)
        some.validate(full=True)
        assert some.equals(all.select(names))
    for name in all.schema.names:
        assert pyarrow.table(loginrec.table(*paths, columns=(name,))).equals(all.select([name]))
    assert loginrec.table(WTMP, columns=["user"], raw=True).column_names == ["user", "raw"]
    assert loginrec.table(WTMP, columns=["raw", "user"], raw=True).column_names == ["raw", "user"]


def test_no_columns_are_rows_all_the_same() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = loginrec.table(WTMP, columns=[])
    assert len(table) == len(loginrec.table(WTMP))
    assert pyarrow.table(table).num_columns == 0
    assert pyarrow.table(table).num_rows == len(table)


def test_columns_nobody_has() -> None:
    names = r"'username': machine, source, file, layout, .*, user, .*, raw, error$"
    with pytest.raises(ValueError, match=names):
        loginrec.table(WTMP, columns=["time", "username"])
    with pytest.raises(ValueError, match="'user' is given twice"):
        loginrec.table(WTMP, columns=["user", "time", "user"])
    with pytest.raises(TypeError):
        loginrec.table(WTMP, columns="user")


@pytest.mark.parametrize(
    "name",
    ["glibc-x86_64/wtmp", "freebsd-utx-log/utx.log", "svr4-utmpx-372-be/wtmpx"],
)
def test_long_files_are_read_as_short_ones(name: str, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    once = (ROOT / "fixtures" / name).read_bytes()
    data = (once * (3 * 2**20 // len(once)))[:-5]
    path = tmp_path / Path(name).name
    path.write_bytes(data)
    with pytest.warns(loginrec.DamageWarning, match="record cut short"):
        by_path = pyarrow.table(loginrec.table(path, raw=True))
    with pytest.warns(loginrec.DamageWarning, match="record cut short"):
        by_bytes = pyarrow.table(
            loginrec.table(data, raw=True, layout=by_path["layout"][0].as_py())
        )
    by_path.validate(full=True)
    names = [name for name in by_path.schema.names if name != "file"]
    assert by_path.select(names).equals(by_bytes.select(names))
    log = loginrec.open(path, damage="ignore")
    places = [(record.index, record.offset, record.raw) for record in log]
    assert places == list(zip(*(by_path[name].to_pylist() for name in ("index", "offset", "raw"))))
    assert len(places) == len(by_path)
    last = log.get(len(places) - 1)
    assert last is not None
    assert (last.index, last.offset, last.raw) == places[-1]
    assert log.get(len(places)) is None


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
    records = [record for path in (WTMP, BTMP) for record in loginrec.open(path)]
    # An empty record has no time.
    times = [record.time if record.event != "empty" else None for record in records]
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
