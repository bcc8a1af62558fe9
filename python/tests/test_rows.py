"""Sessions, boots, timeline, findings and the others, as objects and as columns."""

from __future__ import annotations

import copy
import json
import os
import pickle
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import loginrec

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ["glibc-x86_64", "freebsd-utx-log", "solaris-utmpx-372-be", "netbsd-utmpx-520-le"]
WTMP = "fixtures/glibc-x86_64/wtmp"
BTMP = "fixtures/glibc-x86_64/btmp"
KINDS = ["records", "sessions", "boots", "timeline", "findings", "lastlog", "failures", "summary"]


def program() -> Path:
    """The command line, which makes the same rows with other code."""
    found = shutil.which("loginrec")
    places = [os.environ.get("LOGINREC"), found]
    places += [ROOT / "target" / profile / "loginrec" for profile in ("debug", "release")]
    for place in places:
        if place and Path(place).is_file():
            return Path(place)
    pytest.skip("needs the program loginrec: cargo build -p loginrec-cli")


def printed(*args: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [program(), *args, "--format", "jsonl"], capture_output=True, text=True, check=False
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    # What follows the NUL of a text is in no column.
    return [{k: v for k, v in row.items() if not k.endswith("_residue")} for row in rows]


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value is not None}


HISTORIES = sorted(
    str(path)
    for pattern in ("*/wtmp", "*/wtmpx", "*/utx.log", "*/wtmp.db")
    for path in Path("fixtures").glob(pattern)
    if (path.parent / f"{path.name}.jsonl").exists()
)


@pytest.mark.parametrize("rows", ["sessions", "boots", "timeline"])
def test_rows_are_those_of_the_command_line(rows: str) -> None:
    paths = HISTORIES or sorted(map(str, Path(ROOT / "fixtures").glob("*/wtmp")))
    for path in paths[::3]:
        layout = loginrec.detect(path).layout
        assert layout
        want = [plain(row) for row in printed(rows, "--layout", layout, path)]
        table = loginrec.table(path, rows=rows, layout=layout)  # type: ignore[arg-type]
        names = table.column_names
        pyarrow = pytest.importorskip("pyarrow")
        got = []
        for row in pyarrow.table(table).to_pylist():
            assert list(row) == names
            times = {
                key: value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
                for key, value in row.items()
                if hasattr(value, "strftime")
            }
            got.append(plain({**row, **times}))
        assert got == want, path


def test_other_rows_are_those_of_the_command_line() -> None:
    lastlog = "fixtures/linux-lastlog-292-le/lastlog"
    rows = loginrec.table(lastlog, rows="lastlog", columns=["uid", "line", "offset"])._tuples()
    # The command line lists users who never logged in, too.
    want = [row for row in printed("lastlog", lastlog) if row.get("time")]
    assert rows == [(row["uid"], row["line"], row["offset"]) for row in want]
    faillogs = sorted(map(str, Path("fixtures").glob("*/faillog")))
    assert faillogs
    for path in faillogs:
        want = [plain(row) for row in printed("failures", path)]
        assert [plain(row) for row in loginrec.failures(path).to_dicts()] == want
    files = [WTMP, BTMP]
    for by in ("user", "source", "line", "day", "hour", "weekday"):
        want = [plain(row) for row in printed("summary", "--by", by, *files)]
        got = [plain(one.to_dict()) for one in loginrec.summary(files, by=by)]  # type: ignore[arg-type]

        def order(row: dict[str, Any]) -> str:
            return json.dumps(row, sort_keys=True)

        assert sorted(got, key=order) == sorted(want, key=order), by


def test_schemas() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    for rows in KINDS:
        schema = loginrec.schema(rows)
        fields = pyarrow.schema(schema)
        assert schema.names == fields.names
        assert (schema.rows, schema.names[:2]) == (rows, ["machine", "source"])
        allowed = {"string", "int64", "int32", "timestamp[us, tz=UTC]", "bool", "binary"}
        types = {str(field.type) for field in fields if not str(field.type).startswith("list")}
        # Spark has no unsigned numbers, and refuses dictionaries.
        assert types <= allowed
        assert schema.ddl.count("`") == 2 * len(fields)
        assert "`machine` STRING, `source` STRING" in schema.ddl
        # Without a file, too, and with one that has other fields.
        assert pyarrow.schema(loginrec.table(rows=rows)) == fields  # type: ignore[arg-type]
    assert loginrec.schema("records", raw=True).names[-1] == "raw"
    with pytest.raises(ValueError, match=r"rows='session': records, timeline, sessions, boots"):
        loginrec.table(rows="session")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"by='tty': user, source, line"):
        loginrec.summary(WTMP, by="tty")  # type: ignore[arg-type]


def test_columns_keep_what_is_odd(tmp_path: Path) -> None:
    data = bytearray(Path(WTMP).read_bytes()[:768])
    data[44:52] = b"jos\xe9\0\0\0\0"  # not UTF-8
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/wtmp-\xff"))
    try:
        path.write_bytes(data)
    except OSError as error:
        pytest.skip(f"no such name here: {error}")
    rows = loginrec.table(path, columns=["user", "user_hex", "file"])._tuples()
    assert rows[0][0] == "jos\\xe9"
    assert bytes.fromhex(rows[0][1]).startswith(b"jos\xe9")
    assert rows[1][1] is None
    assert rows[0][2].endswith("wtmp-\\xff")


def test_rows_that_are_not_kept_are_streamed(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    data = Path(WTMP).read_bytes()
    path = tmp_path / "wtmp"
    path.write_bytes(data * 2000 + data[:100])
    table = loginrec.table(path, columns=["index"], keep=False)
    assert loginrec.table(path, columns=["index"], damage="ignore")._is_kept
    assert not table._is_kept
    count = 2000 * len(data) // 384
    with pytest.warns(loginrec.DamageWarning, match="record cut short") as warned:
        assert len(table) == count
    assert warned[0].filename == __file__
    # Damage is told once.
    reader = pyarrow.RecordBatchReader.from_stream(table)
    first = reader.read_next_batch()
    assert first.num_rows < count
    del reader, first
    assert pyarrow.table(table)["index"].to_pylist() == list(range(count))
    with pytest.raises(loginrec.DamageError):
        len(loginrec.table(path, columns=[], damage="raise", keep=False))
    streamed = loginrec.table(WTMP, rows="sessions", keep=False)
    assert pyarrow.table(streamed).equals(pyarrow.table(loginrec.sessions(WTMP)))


def test_parquet(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    pyarrow = pytest.importorskip("pyarrow")
    path = tmp_path / "rows.parquet"
    for rows in KINDS[:5]:
        table = loginrec.table(WTMP, rows=rows)  # type: ignore[arg-type]
        table.to_parquet(path)
        read = parquet.read_table(path)
        assert read.to_pylist() == pyarrow.table(table).to_pylist()
        assert read.schema.names == table.column_names
    assert [entry.name for entry in tmp_path.iterdir()] == ["rows.parquet"]
    with pytest.raises(FileNotFoundError) as caught:
        table.to_parquet(tmp_path / "nowhere" / "rows.parquet")
    assert caught.value.errno is not None


def test_every_library_takes_every_kind() -> None:
    polars = pytest.importorskip("polars")
    for rows in (
        loginrec.table(WTMP),
        loginrec.sessions(WTMP),
        loginrec.boots(WTMP),
        loginrec.timeline(WTMP, BTMP),
        loginrec.audit(WTMP),
        loginrec.lastlog("fixtures/linux-lastlog-292-le/lastlog"),
        loginrec.summary(WTMP, BTMP),
    ):
        names = rows.column_names if isinstance(rows, loginrec.Table) else rows.table.column_names
        frame = polars.DataFrame(rows)
        assert (frame.columns, frame.height) == (names, len(rows))
        # polars makes a frame of pyarrow's tables only; of others, a series of structs.
        series = polars.from_arrow(rows)
        assert series.struct.unnest().equals(frame)


def test_duckdb_and_pandas_take_sessions() -> None:
    duckdb = pytest.importorskip("duckdb")
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    sessions = loginrec.sessions(WTMP)
    [(count,)] = duckdb.sql("select count(*) from sessions").fetchall()
    assert count == len(sessions)
    if hasattr(pandas.DataFrame, "from_arrow"):
        frame = pandas.DataFrame.from_arrow(sessions)
        assert frame["user"].tolist() == [session.user for session in sessions]
        # No words that do not occur.
        assert (frame["how"].value_counts() > 0).all()


def test_rows_are_sequences() -> None:
    sessions = loginrec.sessions(WTMP)
    assert len(sessions) == len(list(sessions)) == sessions.table.num_rows
    assert sessions[-1] == list(sessions)[-1]
    assert sessions[1:3] == [sessions[1], sessions[2]]
    assert next(reversed(sessions)) == sessions[-1]
    assert sessions[0] in sessions
    assert sessions == loginrec.sessions(WTMP)
    assert sessions == list(loginrec.sessions(WTMP))
    assert sessions != loginrec.sessions(WTMP)[1:]
    assert not loginrec.sessions()
    with pytest.raises(IndexError):
        sessions[len(sessions)]
    assert repr(sessions) == f"<loginrec.Rows of sessions: {len(sessions)}>"


def values() -> list[Any]:
    found: list[Any] = [loginrec.open(WTMP)[3], loginrec.detect(WTMP)]
    lastlog = loginrec.lastlog("fixtures/linux-lastlog-292-le/lastlog")
    faillog = sorted(map(str, Path(ROOT / "fixtures").glob("*/faillog")))[0]
    for rows in (
        loginrec.sessions(WTMP, machine="m"),
        loginrec.boots(WTMP),
        loginrec.timeline(WTMP),
        loginrec.audit(WTMP, BTMP, machine="m"),
        lastlog,
        loginrec.failures(faillog),
        loginrec.summary(WTMP),
    ):
        found.append(rows[0])
    return found


def test_values_are_values() -> None:
    for one, same in zip(values(), values()):
        assert one == same
        assert hash(one) == hash(same)
        assert one != "something else"
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            again = pickle.loads(pickle.dumps(one, protocol))
            assert again == one
            assert type(again) is type(one)
            assert again.to_dict() == one.to_dict()
            assert repr(again) == repr(one)
        assert copy.copy(one) == copy.deepcopy(one) == one
        assert json.loads(json.dumps(one.to_dict()))
    first, second = loginrec.sessions(WTMP)[:2]
    assert first != second
    assert len({first, second, first}) == 2


def test_pickled_rows_are_lists() -> None:
    sessions = loginrec.sessions(WTMP)
    assert pickle.loads(pickle.dumps(sessions)) == list(sessions)
    log = pickle.loads(pickle.dumps(loginrec.open(WTMP)))
    assert list(log) == list(loginrec.open(WTMP))


def test_log_files_are_sequences() -> None:
    paths = [WTMP, "fixtures/freebsd-utx-log/utx.log", "fixtures/linux-lastlog-292-le/lastlog"]
    paths.append("fixtures/netbsd-lastlogx-428-le/lastlogx")
    for path in paths:
        log = loginrec.open(path)
        records = list(log)
        assert len(log) == len(records)
        assert [log[at] for at in range(len(log))] == records
        assert log[-1] == records[-1]
        for slice_ in (slice(-3, None), slice(2, 5), slice(None, None, -2), slice(4, 1)):
            assert log[slice_] == records[slice_]
        assert list(reversed(log)) == records[::-1]
        with pytest.raises(IndexError):
            log[len(log)]
        with pytest.raises(IndexError):
            log[-len(log) - 1]
    with loginrec.open(WTMP) as log:
        begun = iter(log)
        assert len(log) == len(list(loginrec.open(WTMP)))
    with pytest.raises(ValueError, match="closed"):
        len(log)
    assert (log.path, log.kind, log.layout) == (WTMP, "wtmp", "linux-glibc-384-le")
    assert next(begun).index == 0
    log.close()


def test_notebooks() -> None:
    for shown in (loginrec.open(WTMP), loginrec.table(WTMP), loginrec.sessions(WTMP)):
        html = shown._repr_html_()
        assert html.startswith("<table>")
        assert html.count("<tr>") == min(20, len(shown)) + 1
        assert "alice" in html
    # Nothing of a file is markup.
    data = Path(WTMP).read_bytes().replace(b"alice\0\0\0", b"<b>al&x\0")
    html = loginrec.table(data)._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;al&amp;x" in html


def test_carve() -> None:
    data = Path("fixtures/glibc-s390x/wtmp").read_bytes()
    found = loginrec.carve(b"\x55" * 777 + data + b"\x55" * 333)
    assert (found[0].record.offset, found[0].record.layout) == (777, "linux-glibc-400-be")
    assert [one.record.raw for one in found] == [
        data[one.record.offset - 777 :][:400] for one in found
    ]
    assert found[0].run == 0
    assert loginrec.carve(b"\x55" * 100_000) == []


def test_undump(tmp_path: Path) -> None:
    for name in ("glibc-x86_64/wtmp", "freebsd-utx-log/utx.log", "linux-lastlog-292-le/lastlog"):
        source = Path("fixtures") / name
        rows = [record.to_dict(raw=True) for record in loginrec.open(source)]
        path = tmp_path / name.replace("/", "-")
        assert loginrec.undump(rows, path) == path.stat().st_size
        assert path.read_bytes() == source.read_bytes()
        with pytest.raises(FileExistsError):
            loginrec.undump(rows, path)
    lines = [json.dumps(row) for row in rows]
    assert loginrec.undump(lines, tmp_path / "lines") == source.stat().st_size
    with pytest.raises(ValueError, match="raw=True"):
        loginrec.undump([{"offset": 0}], tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_audit_rules() -> None:
    rules = loginrec.audit_rules()
    assert {rule["rule"] for rule in rules} >= {found.rule for found in loginrec.audit(WTMP, BTMP)}
    assert all(rule["meaning"] and rule["title"] for rule in rules)
