"""loginrec.open() against what an independent reader found in every fixture."""

from __future__ import annotations

import doctest
import json
import pickle
from pathlib import Path

import pytest

import loginrec

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = sorted(path.relative_to(ROOT) for path in (ROOT / "fixtures").glob("*/*.jsonl"))
WTMP = Path("fixtures/glibc-x86_64/wtmp")


def test_there_are_fixtures() -> None:
    assert len(FIXTURES) > 100


@pytest.mark.parametrize("expected", FIXTURES, ids=str)
def test_every_fixture(expected: Path) -> None:
    want = [json.loads(line) for line in expected.read_text().splitlines()]
    # The damaged records of the time64 accident lie in files of proper ones.
    own = want[0]["layout"].replace("time64a8", "glibc").replace("time64a4", "glibc")
    log = loginrec.open(str(expected.with_suffix("")), own)
    got = [record.to_dict() for record in log]
    assert got == want
    assert [list(row) for row in got] == [list(row) for row in want]  # the keys' order
    records = list(log)  # once more: a file can be iterated again
    assert [record.index for record in records] == [row["index"] for row in want]
    assert [record.offset for record in records] == [row["offset"] for row in want]
    data = expected.with_suffix("").read_bytes()
    for record in records:
        assert record.raw in data
        if record.time is not None:
            assert record.time.utcoffset() is not None
            assert record.time.microsecond == record.tv_usec


def test_attributes_say_what_the_dict_says() -> None:
    for record in loginrec.open(WTMP):
        row = record.to_dict(raw=True)
        assert bytes.fromhex(row["raw"]) == record.raw
        assert row["file"] == record.path == str(WTMP)
        for key in ("layout", "type", "raw_type", "event", "user", "line", "host", "id", "pid"):
            assert row[key] == getattr(record, key), key
        assert (row["session"], row["addr"], record.uid) == (record.session, record.addr, None)
        assert record.exit is not None
        assert (record.exit.termination, record.exit.exit) == tuple(row["exit"].values())


def test_fields_have_the_platforms_names() -> None:
    record = loginrec.open("fixtures/openbsd-utmp-304-le/wtmp").get(0)
    assert record is not None
    assert list(record.fields) == ["ut_line", "ut_name", "ut_host", "ut_time"]
    assert record.fields["ut_time"] == int.from_bytes(record.raw[296:304], "little", signed=True)
    assert record.fields["ut_line"] == record.raw[:8]


def test_bytes_paths_and_strings_are_the_same() -> None:
    data = WTMP.read_bytes()
    want = list(loginrec.open(WTMP))
    for source in (str(WTMP), data, bytearray(data), memoryview(data)):
        assert list(loginrec.open(source)) == want
    assert len({*want, *loginrec.open(data)}) == len(want)
    assert want[0] != want[1]
    assert want[0] != "a record"
    assert loginrec.open(data).path is None
    assert "file" not in next(iter(loginrec.open(data))).to_dict()


def test_a_btmp_has_failed_logins_by_its_name() -> None:
    btmp = Path("fixtures/glibc-x86_64/btmp")
    log = loginrec.open(btmp)
    assert log.kind == "btmp"
    assert {record.event for record in log} == {"failed-login"}


def test_get() -> None:
    log = loginrec.open(WTMP)
    assert log.get(2) == list(log)[2]
    assert log.get(10**6) is None


def test_detect() -> None:
    found = loginrec.detect(WTMP)
    assert (found.verdict, found.layout) == ("recognised", "linux-glibc-384-le")
    assert found.margin > 6
    assert found.candidates[0] == (found.layout, found.score)
    assert any("384 bytes" in reason for reason in found.reasons)
    assert loginrec.detect(b"").verdict == "empty"
    text = loginrec.detect(b"Jan  1 00:00:00 host sshd: hello\n")
    assert (text.verdict, text.layout) == ("not-recognised", None)
    assert loginrec.open(WTMP, "linux-glibc-384-le").detection is None
    log = loginrec.open(WTMP)
    assert log.detection is not None
    assert log.detection.layout == log.layout == found.layout


def test_lastlog() -> None:
    path = "fixtures/linux-lastlog-292-le/lastlog"
    users = loginrec.lastlog(path)
    want = [json.loads(line) for line in Path(f"{path}.jsonl").read_text().splitlines()]
    never = [row["uid"] for row in want if row["time"] is None]
    assert never == [11]  # a slot with a line and no time
    assert [user.to_dict() for user in users] == [row for row in want if row["uid"] != 11]
    with pytest.raises(loginrec.WrongKindError) as caught:
        loginrec.lastlog(WTMP)
    assert caught.value.path == str(WTMP)


def test_layouts() -> None:
    assert "linux-glibc-384-le" in loginrec.layouts()
    with pytest.raises(ValueError, match="unknown layout 'vax'"):
        loginrec.open(WTMP, "vax")


def test_what_the_file_system_says_stays_that(tmp_path: Path) -> None:
    missing = tmp_path / "wtmp"
    for function in (loginrec.open, loginrec.detect, loginrec.table, loginrec.pyutmpx.open):
        with pytest.raises(FileNotFoundError) as caught:
            function(missing)  # type: ignore[operator]
        assert caught.value.filename == str(missing)
    with pytest.raises(IsADirectoryError) as folder:
        loginrec.open(tmp_path)
    assert folder.value.filename == str(tmp_path)


def test_not_recognised(tmp_path: Path) -> None:
    path = tmp_path / "readme"
    path.write_text("This is no login record.\n" * 100)
    with pytest.raises(loginrec.NotRecognizedError, match="it is text") as caught:
        loginrec.open(path)
    assert caught.value.path == str(path)
    assert str(caught.value).startswith(repr(str(path)))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.path) == (str(caught.value), str(path))


def test_ambiguous() -> None:
    # A record without a type, whose 32-bit time makes sense in all byte orders.
    seventh = b"tty1".ljust(8, b"\0") + b"dmr".ljust(8, b"\0") + b"1212"
    with pytest.raises(loginrec.AmbiguousError) as caught:
        loginrec.open(seventh)
    assert {"v7-utmp-20-le", "v7-utmp-20-be"} <= set(caught.value.layouts)
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.layouts == caught.value.layouts
    assert len(list(loginrec.open(seventh, caught.value.layouts[0]))) == 1


def test_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "wtmp"
    path.write_bytes(WTMP.read_bytes()[:1000])
    with pytest.warns(loginrec.DamageWarning, match="byte 768: record cut short"):
        assert len(list(loginrec.open(path))) == 2
    assert len(list(loginrec.open(path, damage="ignore"))) == 2
    records = iter(loginrec.open(path, damage="raise"))
    assert [next(records).offset, next(records).offset] == [0, 384]
    with pytest.raises(loginrec.TruncatedError) as caught:
        next(records)
    assert (caught.value.path, caught.value.offset) == (str(path), 768)
    assert next(records, None) is None
    with pytest.raises(ValueError, match="damage='shout'"):
        loginrec.open(path, damage="shout")  # type: ignore[arg-type]


def test_reading_goes_on_behind_damage() -> None:
    log = Path("fixtures/freebsd-utx-log/utx.log").read_bytes()
    want = [record.to_dict()["time"] for record in loginrec.open(log)]
    damaged = loginrec.open(log + bytes(5) + log, "freebsd-utx-log", damage="raise")
    records, times, faults = iter(damaged), [], []
    while True:
        try:
            times.append(next(records).to_dict()["time"])
        except loginrec.DamageError as fault:
            faults.append(fault.offset)
        except StopIteration:
            break
    assert times == want * 2
    assert faults == [len(log)]


def test_times_no_calendar_has() -> None:
    data = bytearray(WTMP.read_bytes()[:384])
    data[344:348] = (2_000_000).to_bytes(4, "little")
    record = loginrec.open(bytes(data), "linux-glibc-384-le").get(0)
    assert record is not None
    assert record.time is None
    assert record.tv_usec == 2_000_000
    row = record.to_dict()
    assert (row["time"], row["raw_sec"], row["raw_usec"]) == (None, record.tv_sec, 2_000_000)


def test_records_are_read_only() -> None:
    record = loginrec.open(WTMP).get(0)
    with pytest.raises(AttributeError):
        record.user = "somebody"  # type: ignore[union-attr, misc]


MODULES = [loginrec, loginrec._api, loginrec._sources, loginrec.pyutmpx, loginrec.pyutmpx03]


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0
    assert result.failed == 0


def test_everything_public_is_documented() -> None:
    for name in loginrec.__all__:
        assert getattr(loginrec, name).__doc__, name
