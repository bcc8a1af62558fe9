"""loginrec.pyutmpx: the documented API of both generations, and what the original lacked."""

from __future__ import annotations

import copy
import pickle
import socket
import struct
from datetime import datetime, timezone
from pathlib import Path

import pytest

import loginrec
from loginrec import pyutmpx

UTMP = Path("fixtures/glibc-x86_64/utmp")
RECORD = struct.Struct("<h2xi32s4s32s256shhiii16s20x")
CONSTANTS = {
    "EMPTY": 0,
    "BOOT_TIME": 1,
    "OLD_TIME": 2,
    "NEW_TIME": 3,
    "USER_PROCESS": 4,
    "INIT_PROCESS": 5,
    "LOGIN_PROCESS": 6,
    "DEAD_PROCESS": 7,
    "RUN_LEVEL": 8,
    "ACCOUNTING": 9,
}
ATTRIBUTES = ("type", "pid", "line", "id", "user", "host", "exit", "sid", "time", "addr")


def record(
    ut_type: int = 7,
    pid: int = 100,
    line: bytes = b"pts/0",
    id: bytes = b"ts/0",
    user: bytes = b"alice",
    host: bytes = b"client",
    exit: tuple[int, int] = (0, 0),
    session: int = 0,
    time: tuple[int, int] = (1_700_000_000, 0),
    addr: bytes = bytes(16),
) -> bytes:
    """One record of x86-64 glibc."""
    return RECORD.pack(ut_type, pid, line, id, user, host, *exit, session, *time, addr)


def read(data: bytes, **options: object) -> list[pyutmpx.utmp_entry]:
    return list(pyutmpx.open(data, "linux-glibc-384-le", **options))  # type: ignore[arg-type]


def test_constants() -> None:
    assert {name: getattr(pyutmpx, name) for name in CONSTANTS} == CONSTANTS
    assert isinstance(pyutmpx.version, str)
    for name in pyutmpx.__all__:
        assert hasattr(pyutmpx, name)


def test_the_linux_numbers_are_translated() -> None:
    linux = {0: 0, 1: 8, 2: 1, 3: 3, 4: 2, 5: 5, 6: 6, 7: 4, 8: 7, 9: 9}
    entries = read(b"".join(record(number) for number in linux))
    assert [entry.type for entry in entries] == list(linux.values())


def test_an_entry_of_a_file() -> None:
    address = socket.inet_pton(socket.AF_INET, "192.0.2.7") + bytes(12)
    [entry] = read(record(8, -1, exit=(9, 3), session=-2, time=(-1, 250_000), addr=address))
    assert entry.type == pyutmpx.DEAD_PROCESS
    assert entry.pid == 2**64 - 1  # an unsigned long, as in the original
    assert entry.sid == 2**64 - 2
    assert (entry.line, entry.id, entry.user, entry.host) == ("pts/0", "ts/0", "alice", "client")
    assert entry.exit == pyutmpx.exit_status(termination=9, exit=3)
    assert entry.time == datetime(1969, 12, 31, 23, 59, 59, 250_000, tzinfo=timezone.utc)
    assert entry.time.tzinfo is timezone.utc
    assert entry.addr == "192.0.2.7"


def test_microseconds_carry() -> None:
    times = [(5, 999_999), (5, 1_000_000), (5, -1), (5, 2_500_000)]
    got = [entry.time.timestamp() for entry in read(b"".join(record(time=t) for t in times))]
    assert got == [5.999999, 6.0, 4.999999, 7.5]


def test_every_day_of_a_long_time() -> None:
    # Two prime steps, so that all months, leap days and hours come up.
    seconds = list(range(-(2**31), 2**31 - 1, 86_413 * 31))
    entries = read(b"".join(record(time=(second, 17)) for second in seconds))
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    for second, entry in zip(seconds, entries):
        since = entry.time - epoch
        assert (since.days * 86_400 + since.seconds, since.microseconds) == (second, 17)


@pytest.mark.parametrize(
    ("packed", "shown"),
    [
        ("0.0.0.0", ""),
        ("198.51.100.77", "198.51.100.77"),
        ("2001:db8::bad", "2001:db8::bad"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("::192.0.2.1", "::192.0.2.1"),
        ("::1", "::1"),
    ],
)
def test_addresses(packed: str, shown: str) -> None:
    family = socket.AF_INET6 if ":" in packed else socket.AF_INET
    address = socket.inet_pton(family, packed).ljust(16, b"\0")
    assert read(record(addr=address))[0].addr == shown
    if ":" in packed:
        assert socket.inet_ntop(family, address) == shown


def test_exit_is_for_dead_processes_only() -> None:
    entries = read(record(7, exit=(1, 2)) + record(8, exit=(1, 2)) + record(8, exit=(3, 4)))
    assert [entry.exit for entry in entries] == [
        None,
        pyutmpx.exit_status(termination=1, exit=2),
        pyutmpx.exit_status(termination=3, exit=4),
    ]


def test_what_is_left_out() -> None:
    data = bytes(384) + record(0, 1) + record(17) + record(-1) + record()
    assert [entry.type for entry in read(data)] == [0, 4]
    assert [entry.type for entry in read(data, all=True)] == [0, 0, None, None, 4]


def test_fields_without_a_nul_and_with_bytes_behind_it() -> None:
    [entry] = read(record(line=b"l" * 32, user=b"bob\0GIN", host=b"h" * 256, id=b"abcd"))
    assert (entry.line, entry.user, entry.host, entry.id) == ("l" * 32, "bob", "h" * 256, "abcd")


@pytest.mark.parametrize("length", range(33))
def test_texts_of_every_length(length: int) -> None:
    users = [bytes([65 + (i + length) % 26]) * length for i in range(50)] * 2
    entries = read(b"".join(record(user=user) for user in users))
    assert [entry.user for entry in entries] == [user.decode() for user in users]


def test_text_that_is_no_utf8() -> None:
    data = record(user=b"a") + record(user=b"jos\xe9") + record(user="josé".encode())
    entries = iter(pyutmpx.open(data, "linux-glibc-384-le"))
    assert next(entries).user == "a"
    with pytest.raises(UnicodeDecodeError):
        next(entries)
    assert next(entries).user == "josé"  # one error, not the same again and again
    assert next(entries, None) is None
    escaped = read(data, errors="surrogateescape")[1].user
    assert escaped == "jos\udce9"
    assert escaped.encode(errors="surrogateescape") == b"jos\xe9"
    assert read(data, errors="backslashreplace")[1].user == r"jos\xe9"
    assert "jos" in repr(read(data, errors="surrogateescape")[1])
    with pytest.raises(ValueError, match="unknown error handler"):
        read(data, errors="shrug")


def test_cut_short() -> None:
    data = record() * 2 + record()[:100]
    with pytest.warns(loginrec.DamageWarning, match="byte 768"):
        assert len(read(data)) == 2
    entries = iter(pyutmpx.open(data, "linux-glibc-384-le", damage="raise"))
    assert next(entries) == next(entries)
    with pytest.raises(loginrec.TruncatedError):
        next(entries)
    assert next(entries, None) is None
    with pytest.warns(loginrec.DamageWarning):
        assert read(b"\x07") == []


def test_a_long_repr() -> None:
    [entry] = read(record(host=b"\x01" * 256))
    assert repr("\x01" * 256) in repr(entry)


def test_reprs() -> None:
    [entry] = read(record(pid=0))
    assert repr(entry) == (
        "pyutmpx.utmp_entry(type = pyutmpx.USER_PROCESS, pid = 0, line = 'pts/0', id = 'ts/0', "
        "user = 'alice', host = 'client', sid = 0, time = datetime.datetime(2023, 11, 14, 22, 13, "
        "20, tzinfo=datetime.timezone.utc), addr = '')"
    )
    assert repr(pyutmpx.utmp_entry()) == "pyutmpx.utmp_entry()"
    assert repr(pyutmpx.utmp_entry(type=0, pid=1)) == "pyutmpx.utmp_entry(pid = 1)"
    assert repr(pyutmpx.utmp_entry(type=77)) == "pyutmpx.utmp_entry(type = (unknown))"
    assert repr(pyutmpx.exit_status(termination=1, exit=2)) == (
        "pyutmpx.exit_status(termination = 1, exit = 2)"
    )
    assert (
        repr(pyutmpx.lastlog_entry(uid=0, host="")) == "pyutmpx.lastlog_entry(uid = 0, host = '')"
    )
    assert repr(pyutmpx.open(UTMP)) == "pyutmpx.open('fixtures/glibc-x86_64/utmp')"
    assert repr(pyutmpx.open(b"")) == "pyutmpx.open(<0 bytes>)"


@pytest.mark.parametrize(
    ("cls", "names"),
    [
        (pyutmpx.utmp_entry, ATTRIBUTES),
        (pyutmpx.lastlog_entry, ("uid", "host", "line", "time")),
        (pyutmpx.exit_status, ("termination", "exit")),
    ],
)
def test_constructors(cls: type, names: tuple[str, ...]) -> None:
    empty = cls()
    assert [getattr(empty, name) for name in names] == [None] * len(names)
    for number, name in enumerate(names):
        entry = cls(**{name: number})
        assert getattr(entry, name) == number
        assert entry == cls(**{name: number})
        assert entry != empty
        assert hash(entry) == hash(cls(**{name: number}))
        with pytest.raises(AttributeError):
            setattr(entry, name, 1)
        with pytest.raises(AttributeError):
            delattr(entry, name)
    with pytest.raises(TypeError, match="keyword"):
        cls(1)
    with pytest.raises(TypeError, match="colour"):
        cls(colour="red")
    with pytest.raises(AttributeError):
        empty.colour = "red"
    assert empty != 1
    assert (empty == 1) is False
    assert {cls(), cls()} == {empty}


def test_subclasses() -> None:
    class Login(pyutmpx.utmp_entry):
        """Has a dict, an attribute, and an __init__ with an argument of its own."""

        def __init__(self, reason: str, **fields: object) -> None:
            super().__init__(**fields)
            self.reason = reason

        @property
        def where(self) -> str:
            return f"{self.host}:{self.line}"

    login = Login("test", host="h", line="l", type=pyutmpx.USER_PROCESS)
    assert (login.where, login.reason, login.type) == ("h:l", "test", 4)
    assert isinstance(login, pyutmpx.utmp_entry)

    class Fixed(pyutmpx.utmp_entry):
        def __init__(self) -> None:
            super().__init__(type=4)

    with pytest.raises(TypeError, match="type is read-only: set it in __new__"):
        Fixed()

    class ByNew(pyutmpx.exit_status):
        def __new__(cls, code: int) -> ByNew:
            return super().__new__(cls, termination=0, exit=code)

    assert ByNew(3).exit == 3


class Tagged(pyutmpx.utmp_entry):
    """At module level, where pickle finds it."""


def test_copies_and_pickles() -> None:
    [entry] = read(record(8, exit=(9, 3)))
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(entry, protocol)) == entry
    assert copy.copy(entry) == copy.deepcopy(entry) == entry
    tagged = Tagged(user="u")
    tagged.tag = 1  # type: ignore[attr-defined]
    again = pickle.loads(pickle.dumps(tagged))
    assert (type(again), again, again.tag) == (Tagged, tagged, 1)
    for database in (pyutmpx.utmp, pyutmpx.wtmp, pyutmpx.btmp, pyutmpx.lastlog):
        assert pickle.loads(pickle.dumps(database)) is database


def test_the_running_systems_databases() -> None:
    names = {"utmp": "/var/run/utmp", "wtmp": "/var/log/wtmp"}
    names |= {"btmp": "/var/log/btmp", "lastlog": "/var/log/lastlog"}
    for name, path in names.items():
        database = getattr(pyutmpx, name)
        assert repr(database) == f"pyutmpx.{name}"
        assert database.path in (path, path.replace("/var/run", "/run"))
        assert type(database)() is database
        with pytest.raises(AttributeError):
            database.path = "/tmp"
        with pytest.raises(AttributeError):
            database.other = 1
        with pytest.raises(TypeError):
            database()
        with pytest.raises(TypeError):
            len(database)
        with pytest.raises(TypeError):
            database[0]
        if not Path(path).exists():
            with pytest.raises(FileNotFoundError) as caught:
                iter(database)
            assert caught.value.filename == path
    assert len({type(getattr(pyutmpx, name)) for name in names}) == 4


def test_iterators() -> None:
    view = pyutmpx.open(UTMP)
    entries = iter(view)
    assert iter(entries) is entries
    first = next(entries)
    assert len(list(entries)) == len(list(view)) - 1
    assert next(iter(view)) == first
    assert list(view) == list(view)
    assert (view.path, view.layout) == (str(UTMP), "linux-glibc-384-le")
    assert list(pyutmpx.open(b"")) == []
    assert pyutmpx.open(b"").layout is None


def test_a_view_is_a_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "wtmp"
    path.write_bytes(record() * 3)
    view = pyutmpx.open(path)
    entries = iter(view)
    path.write_bytes(b"")
    assert len(list(entries)) == 3
    assert list(pyutmpx.open(path)) == []


def test_other_platforms() -> None:
    boots = {
        "fixtures/freebsd-utx-log/utx.log": ("", ""),
        "fixtures/glibc-s390x/utmp": ("~", "reboot"),
        "fixtures/openbsd-utmp-304-le/wtmp": ("~", "reboot"),
    }
    for path, (line, user) in boots.items():
        entries = pyutmpx.open(path, errors="surrogateescape")
        found = [entry for entry in entries if entry.type == pyutmpx.BOOT_TIME]
        assert (found[0].line, found[0].user) == (line, user)
    openbsd = next(iter(pyutmpx.open("fixtures/openbsd-utmp-304-le/wtmp")))
    assert (openbsd.pid, openbsd.sid, openbsd.exit, openbsd.addr) == (None, None, None, "")


def test_lastlogs() -> None:
    slots = bytearray(292 * 1001)
    for uid, when in ((0, 1_700_000_000), (7, 0), (1000, -5)):
        slot = struct.pack("<i32s256s", when, b"pts/1", b"client")
        slots[292 * uid : 292 * uid + 292] = slot
    view = pyutmpx.open(bytes(slots), "linux-lastlog-292-le")
    assert [entry.uid for entry in view] == [0, 1000]
    assert [entry.time.timestamp() for entry in view] == [1_700_000_000, -5]
    assert next(iter(view)) == pyutmpx.lastlog_entry(
        uid=0,
        host="client",
        line="pts/1",
        time=datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc),
    )
    everything = pyutmpx.open(bytes(slots), "linux-lastlog-292-le", all=True)
    assert [entry.uid for entry in everything] == [0, 7, 1000]
    database = pyutmpx.open("fixtures/netbsd-lastlogx-428-le/lastlogx", errors="replace")
    assert {0, 1001} < {entry.uid for entry in database}
