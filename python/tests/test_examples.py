"""Fifteen things that a program wants to do in ten lines, as they were tried and did not work."""

from __future__ import annotations

import datetime
import glob
import gzip
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import loginrec

SHARED = Path(__file__).resolve().parents[3] / "shared" / "corpus"
WTMP = "fixtures/glibc-x86_64/wtmp"


def corpus(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"needs ../shared/corpus/{name}")
    return folder


def test_1_failed_logins_of_a_rotated_btmp(tmp_path: Path) -> None:
    path = tmp_path / "btmp.1.gz"
    path.write_bytes(gzip.compress(Path("fixtures/glibc-x86_64/btmp").read_bytes()))
    with gzip.open(path) as file:
        assert {record.event for record in loginrec.open(file, kind="btmp")} == {"failed-login"}
    assert {record.event for record in loginrec.open(path)} == {"failed-login"}


def test_2_whole_history() -> None:
    paths = sorted(glob.glob(str(corpus("debian11-aarch64") / "wtmp*.gz")))  # noqa: PTH207
    sessions = loginrec.sessions(*paths)
    assert len(sessions) > 0
    assert sessions == loginrec.sessions(*reversed(paths))


def test_3_a_list_of_paths() -> None:
    assert len(loginrec.table(glob.glob("fixtures/*/btmp"))) == 76  # noqa: PTH207


def test_4_file_object() -> None:
    with open(WTMP, "rb") as f:
        assert len(loginrec.table(f)) == len(loginrec.table(WTMP))


def test_5_sessions_as_a_data_frame() -> None:
    pl = pytest.importorskip("polars")
    df = pl.DataFrame(loginrec.sessions(WTMP))
    assert "user" in df.columns, df.schema
    assert df["login"].dtype == pl.Datetime("us", "UTC")


def test_6_polars_from_arrow() -> None:
    # polars makes a frame only of pyarrow's own tables; of any other stream, a series of structs.
    pl = pytest.importorskip("polars")
    pa = pytest.importorskip("pyarrow")
    df = pl.from_arrow(pa.table(loginrec.table(WTMP)))
    assert isinstance(df, pl.DataFrame), type(df)
    assert df.equals(pl.DataFrame(loginrec.table(WTMP)))


def test_7_a_process_pool() -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as ex:
        [found] = ex.map(loginrec.sessions, [str(Path(WTMP).resolve())])
    assert [s.offset for s in found] == [s.offset for s in loginrec.sessions(WTMP)]


def test_8_the_last_ten_records() -> None:
    assert loginrec.open(WTMP)[-10:] == list(loginrec.open(WTMP))[-10:]
    assert next(reversed(loginrec.open(WTMP))) == loginrec.open(WTMP)[-1]


def test_9_with() -> None:
    with loginrec.open(WTMP) as log:
        n = len(log)
    assert n == Path(WTMP).stat().st_size // 384


def test_10_star_import_of_a_pyutmpx_program(tmp_path: Path) -> None:
    names: dict[str, Any] = {"path": str(tmp_path / "x.txt")}
    program = "from loginrec.pyutmpx import *\nwith open(path, 'w') as f: f.write('x')\n"
    exec(compile(program, "program", "exec"), names)  # noqa: S102
    assert (tmp_path / "x.txt").read_text() == "x"
    assert "open" not in names


def test_11_a_folder_with_a_text_file_in_it(tmp_path: Path) -> None:
    for name in ("wtmp", "btmp"):
        (tmp_path / name).write_bytes(Path(f"fixtures/glibc-x86_64/{name}").read_bytes())
    (tmp_path / "NOTES.txt").write_text("collected on Tuesday\n" * 50)
    with pytest.warns(loginrec.SourceWarning, match=r"NOTES\.txt"):
        table = loginrec.table(*glob.glob(str(tmp_path / "*")))  # noqa: PTH207
    assert len(table) == len(loginrec.table("fixtures/glibc-x86_64/[bw]tmp"))


def test_12_age_of_a_login_in_local_time() -> None:
    from loginrec import pyutmpx03 as pyutmpx

    ages = [datetime.datetime.now() - e.time for e in pyutmpx.open("fixtures/glibc-x86_64/utmp")]
    assert ages
    assert all(age > datetime.timedelta(0) for age in ages)


def test_13_spark_types() -> None:
    pa = pytest.importorskip("pyarrow")
    fields = pa.schema(loginrec.table(b""))
    bad = [f.name for f in fields if pa.types.is_uint64(f.type) or pa.types.is_dictionary(f.type)]
    assert not bad, bad


def test_14_raw_time_of_a_record_with_an_impossible_time() -> None:
    table = loginrec.table(
        "fixtures/linux-glibc-400-le/wtmp", columns=["time", "raw_sec", "raw_usec"]
    )
    assert table.column_names == ["time", "raw_sec", "raw_usec"]
    # All or nothing: where there is no time, the numbers are there unless the record is empty.
    assert all(row[1] is None for row in table._tuples() if row[0] is not None)


def test_15_boots() -> None:
    [first, *_] = loginrec.boots(WTMP)
    assert first.boot == loginrec.open(WTMP)[0].time
    assert first.kernel == loginrec.open(WTMP)[0].host
