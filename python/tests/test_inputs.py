"""What the functions take: paths, patterns, folders, archives, bytes, file objects."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import mmap
import os
import pickle
import shutil
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Callable

import pytest

import loginrec
from loginrec import pyutmpx

WTMP = Path("fixtures/glibc-x86_64/wtmp")
BTMP = Path("fixtures/glibc-x86_64/btmp")
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


def events(*sources: Any, **options: Any) -> list[str]:
    return [row[0] for row in loginrec.table(*sources, columns=["event"], **options)._tuples()]


FAILED = ["failed-login"] * 16


def test_the_fixture_has_failed_logins_only() -> None:
    assert {record.event for record in loginrec.open(BTMP)} == {"failed-login"}
    assert set(FAILED) == set(events(BTMP))


# Bytes of a btmp are failed logins, however the kind is known.
AS_BTMP: list[Callable[[bytes], tuple[Any, dict[str, Any]]]] = [
    lambda data: (data, {"kind": "btmp"}),
    lambda data: (("var/log/btmp", data), {}),
    lambda data: ((Path("var/log/btmp.1"), data), {}),
    lambda data: (("btmp", io.BytesIO(data)), {}),
    lambda data: (loginrec.Source(data, name="web01_btmp"), {}),
    lambda data: (loginrec.Source(data, kind="btmp"), {}),
    lambda data: (loginrec.Source(io.BytesIO(data), kind="btmp"), {}),
    lambda data: (bytearray(data), {"kind": "btmp"}),
    lambda data: (memoryview(data), {"kind": "btmp"}),
    lambda data: (("btmp.1.gz", gzip.compress(data)), {}),
    lambda data: (gzip.compress(data), {"kind": "btmp"}),
    lambda data: (bz2.compress(data), {"kind": "btmp"}),
    lambda data: (lzma.compress(data), {"kind": "btmp"}),
    lambda data: (io.BytesIO(gzip.compress(data)), {"kind": "btmp"}),
]


@pytest.mark.parametrize("source", AS_BTMP)
def test_failed_logins_stay_failed(source: Callable[[bytes], tuple[Any, dict[str, Any]]]) -> None:
    want = [(record.event, record.user, record.offset) for record in loginrec.open(BTMP)]
    given, options = source(BTMP.read_bytes())
    log = loginrec.open(given, **options)
    assert [(record.event, record.user, record.offset) for record in log] == want
    assert log.kind == "btmp"
    given, options = source(BTMP.read_bytes())
    assert events(given, **options) == [event for event, _, _ in want]
    given, options = source(BTMP.read_bytes())
    with pytest.raises(loginrec.WrongKindError, match="failed logins"):
        loginrec.sessions(given, **options)


def test_kind_of_a_path_wins_over_its_name(tmp_path: Path) -> None:
    path = tmp_path / "evidence.bin"
    path.write_bytes(BTMP.read_bytes())
    assert set(events(path, kind="btmp")) == {"failed-login"}
    assert loginrec.open(path, kind="btmp").kind == "btmp"
    with pytest.raises(ValueError, match="kind='bmtp': utmp, wtmp, btmp, lastlog, failures"):
        loginrec.open(path, kind="bmtp")  # type: ignore[arg-type]


def test_audit_of_bytes_with_names_is_that_of_files() -> None:
    by_path = loginrec.audit(BTMP, WTMP)
    by_bytes = loginrec.audit((BTMP, BTMP.read_bytes()), (WTMP, WTMP.read_bytes()))
    rules = [(found.rule, found.path, found.offset) for found in by_path]
    # Only a file of this host has a time of its last change.
    rules = [rule for rule in rules if rule[0] != "mtime-before-records"]
    assert {rule[0] for rule in rules} >= {"time-backwards", "boot-without-shutdown"}
    assert [(found.rule, found.path, found.offset) for found in by_bytes] == rules


def test_collections_and_patterns(tmp_path: Path) -> None:
    each = events(BTMP) + events(WTMP)
    assert events([BTMP, WTMP]) == events(BTMP, WTMP) == each
    assert events((BTMP, WTMP)) == events(path for path in (BTMP, WTMP)) == each
    assert events([[str(BTMP)], {str(WTMP): 0}]) == each
    assert events("fixtures/glibc-x86_64/[bw]tmp") == each
    assert events([]) == events() == []
    with pytest.raises(FileNotFoundError) as caught:
        loginrec.table("fixtures/glibc-x86_64/nothing*")
    assert caught.value.errno is not None
    # A file with such a name is that file.
    odd = tmp_path / "wtmp[1]"
    odd.write_bytes(WTMP.read_bytes())
    assert events(odd) == events(WTMP)


def test_file_objects(tmp_path: Path) -> None:
    want = events(WTMP)
    with WTMP.open("rb") as file:
        assert events(file) == want
        assert file.tell() == WTMP.stat().st_size
    with WTMP.open("rb") as file:
        log = loginrec.open(file)
        assert (log.path, log.kind, len(log)) == (str(WTMP), "wtmp", len(want))
    packed = tmp_path / "wtmp.gz"
    packed.write_bytes(gzip.compress(WTMP.read_bytes()))
    with gzip.open(packed) as file:
        assert events(file) == want
    assert events(packed) == want
    with zipfile.ZipFile(tmp_path / "case.zip", "w") as case:
        case.write(WTMP, "var/log/wtmp")
    with zipfile.ZipFile(tmp_path / "case.zip") as case, case.open("var/log/wtmp") as member:
        assert events(member) == want
    member_path = zipfile.Path(tmp_path / "case.zip", "var/log/wtmp")
    with member_path.open("rb") as file:
        assert events(file) == want
    with (tmp_path / "copy").open("wb+") as file:
        file.write(WTMP.read_bytes())
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            assert events(mapped) == want
    with WTMP.open("r", encoding="latin-1") as text, pytest.raises(TypeError, match="binary mode"):
        loginrec.open(text)


def test_buffers_of_other_libraries() -> None:
    numpy = pytest.importorskip("numpy")
    pyarrow = pytest.importorskip("pyarrow")
    data = WTMP.read_bytes()
    assert events(numpy.frombuffer(data, dtype="u1")) == events(WTMP)
    assert events(pyarrow.py_buffer(data)) == events(WTMP)


def test_a_long_file_object_is_in_no_memory() -> None:
    data = WTMP.read_bytes() * 100
    log = loginrec.open(io.BytesIO(data), kind="wtmp")
    assert len(log) == len(data) // 384
    assert log[-1].raw == data[-384:]
    assert loginrec.open(gzip.compress(data, 1), kind="wtmp")[-1].raw == data[-384:]


def test_what_is_no_source() -> None:
    with pytest.raises(TypeError, match=r"expected a path, bytes, .*, not int"):
        loginrec.table(7)
    with pytest.raises(TypeError, match=r"expected one source .*, not list"):
        loginrec.open([WTMP])
    with pytest.raises(TypeError, match="bytes are the content of a file"):
        loginrec.open(os.fsencode(WTMP))
    for call in (loginrec.open, loginrec.table, pyutmpx.open):
        with pytest.raises(ValueError, match=r"NUL|null"):
            call("wt\0mp")


def test_folders_and_archives(tmp_path: Path) -> None:
    for host in ("alpha", "beta"):
        log = tmp_path / "hosts" / host / "var/log"
        log.mkdir(parents=True)
        shutil.copy(WTMP, log / "wtmp")
        shutil.copy(BTMP, log / "btmp")
        (log.parents[1] / "etc").mkdir()
        (log.parents[1] / "etc/passwd").write_text("root:x:0:0::/:\nalice:x:1000:1000::/:\n")
    packed = tmp_path / "hosts.tar.gz"
    with tarfile.open(packed, "w:gz") as tar:
        tar.add(tmp_path / "hosts", "hosts")
    count = len(loginrec.sessions(WTMP))
    for path in (tmp_path / "hosts", packed):
        root = loginrec.open_root(path)
        assert [machine.name for machine in root] == ["alpha", "beta"]
        assert root["beta"] is root[1]
        assert root[0].users == {0: "root", 1000: "alice"}
        assert sorted(Path(str(file)).name for file in root[0].files) == ["btmp", "wtmp"]
        assert len(root[0].sessions()) == count
        assert {session.machine for session in root[0].sessions()} == {"alpha"}
        # Sessions do not continue from one machine into the next, and a btmp has none.
        for given in (path, root):
            assert len(loginrec.sessions(given)) == 2 * count
        rows = loginrec.table(path, columns=["machine", "event"])._tuples()
        half = len(rows) // 2
        assert [row[0] for row in rows] == ["alpha"] * half + ["beta"] * half
        assert ("beta", "failed-login") in rows
        counts = [(one.machine, one.logins) for one in loginrec.summary(root, by="machine")]
        assert counts == [("alpha", count), ("beta", count)]
    inside = loginrec.archive(packed.read_bytes(), name="hosts.tar.gz")
    assert [machine.name for machine in inside] == ["alpha", "beta"]
    assert all(str(file).startswith("hosts.tar.gz") for file in inside[0].files)
    assert len(inside[0].sessions()) == count
    with pytest.raises(FileNotFoundError, match="no lastlog is below"):
        loginrec.lastlog(tmp_path / "hosts")


def test_machine() -> None:
    rows = loginrec.table(WTMP, machine="web01", columns=["machine", "file"])._tuples()
    assert set(rows) == {("web01", str(WTMP))}
    assert loginrec.open(WTMP, machine="web01").machine == "web01"
    record = loginrec.open(WTMP, machine="web01")[0]
    assert (record.machine, record.to_dict()["machine"]) == ("web01", "web01")
    assert loginrec.sessions(WTMP, machine="web01")[0].machine == "web01"
    # The same user on the same terminal of two machines: no login replaces the other.
    one = loginrec.Source(WTMP, machine="one")
    other = loginrec.Source(WTMP, machine="other")
    apart = loginrec.sessions(one, other)
    assert len(apart) == 2 * len(loginrec.sessions(WTMP))
    assert [s.how for s in apart if s.machine == "one"] == [s.how for s in loginrec.sessions(WTMP)]


def test_order_does_not_matter(tmp_path: Path) -> None:
    # One slot of a lastlog is ambiguous on its own; the wtmp of the machine decides.
    folder = CORPUS / "centos7-x86_64"
    if not folder.is_dir():
        pytest.skip("needs ../shared")
    paths = [folder / name for name in ("lastlog", "wtmp", "btmp")]
    orders = [[a, b, c] for a in paths for b in paths for c in paths if len({a, b, c}) == 3]
    layouts = set()
    for order in orders:
        table = loginrec.table(*order, columns=["file", "layout"])
        layouts.add(tuple(sorted(set(table._tuples()))))
    assert len(layouts) == 1
    [found] = layouts
    assert {layout for _, layout in found} == {"linux-glibc-384-le", "linux-lastlog-292-le"}


def test_on_error(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no records at all\n" * 100)
    missing = tmp_path / "nothing"
    with pytest.warns(loginrec.SourceWarning) as warned:
        assert events(text, WTMP, missing) == events(WTMP)
    assert len(warned) == 2
    assert str(text) in str(warned[0].message)
    assert warned[0].filename == __file__
    with pytest.raises(loginrec.NotRecognizedError):
        loginrec.table(WTMP, text, on_error="raise")
    with pytest.raises(FileNotFoundError):
        loginrec.table(missing, WTMP, on_error="raise")
    # Nothing was readable.
    with pytest.raises(FileNotFoundError):
        loginrec.table(missing)
    rows = loginrec.table(
        WTMP, text, missing, on_error="row", columns=["file", "event", "error"]
    )._tuples()
    assert [row for row in rows if row[2] is None] == [(str(WTMP), e, None) for e in events(WTMP)]
    failed = [row for row in rows if row[2] is not None]
    assert [row[:2] for row in failed] == [(str(text), None), (str(missing), None)]
    assert "No such file" in failed[1][2]
    assert len(loginrec.table(missing, on_error="row")) == 1
    with pytest.warns(loginrec.SourceWarning, match="failed logins, not sessions"):
        assert loginrec.sessions(BTMP, WTMP) == loginrec.sessions(WTMP)


def test_damaged_compression(tmp_path: Path) -> None:
    packed = gzip.compress(WTMP.read_bytes() * 20)
    path = tmp_path / "wtmp.gz"
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.warns(loginrec.DamageWarning, match="gzip") as warned:
        found = loginrec.table(path)
    assert 0 < len(found) < 400
    assert warned[0].filename == __file__
    with pytest.raises(loginrec.DamageError):
        loginrec.table(path, damage="raise")


def test_sources_are_values() -> None:
    source = loginrec.Source(WTMP, kind="wtmp", machine="web01", layout="linux-glibc-384-le")
    assert repr(source) == f"<loginrec.Source {str(WTMP)!r} machine='web01' kind=wtmp>"
    again = pickle.loads(pickle.dumps(source))
    assert (again.name, again.kind, again.machine) == (str(WTMP), "wtmp", "web01")
    assert again.layout == "linux-glibc-384-le"
    kept = pickle.loads(pickle.dumps(loginrec.Source(gzip.compress(b"text"), "wtmp.gz")))
    assert (kept.read(), kept.name) == (b"text", "wtmp.gz")


def test_every_function_takes_every_option() -> None:
    data = WTMP.read_bytes()
    options: dict[str, Any] = {"machine": "m", "layout": "linux-glibc-384-le", "kind": "wtmp"}
    calls: list[Callable[..., Any]] = [loginrec.open, loginrec.table, loginrec.sessions]
    calls += [loginrec.boots, loginrec.timeline, loginrec.audit, loginrec.summary, pyutmpx.open]
    for call in calls:
        assert call(data, **options) is not None
    slot = Path("fixtures/linux-lastlog-292-le/lastlog").read_bytes()
    options = {"machine": "m", "layout": "linux-lastlog-292-le", "kind": "lastlog"}
    assert loginrec.lastlog(slot, **options)[0].machine == "m"
