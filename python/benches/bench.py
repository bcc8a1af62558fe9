"""How fast, beside the original pyutmpx and a loop over struct.iter_unpack.

    venv/bin/pip install pyutmpx polars pyarrow
    venv/bin/python python/benches/bench.py [MEBIBYTES]

All contestants run in turn, round after round, over one file, written in large pieces as a copy
is; the best round of each counts, and what is printed are ratios within this run. The original
can read /var/log/wtmp only and takes the interpreter down: it runs in processes of its own, with
redirect.c of the tests preloaded, and measures itself. Of each, processor time (summed over all
threads) is compared with processor time, and time on the clock with time on the clock: table()
uses all processors, and how many are free is not its doing.
"""

from __future__ import annotations

import datetime
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import loginrec
from loginrec import pyutmpx

if TYPE_CHECKING:
    from collections.abc import Callable

    # Processor time and time on the clock, in seconds.
    Times = tuple[float, float]

ROUNDS = 7
COLUMNS = ["type", "pid", "user", "line", "host", "time"]
RECORD = struct.Struct("<h2xi32s4s32s256shhiii16s20x")
SIX = struct.Struct("<h2xi32s4x32s256s8xii36x")
UTC = datetime.timezone.utc
HERE = Path(__file__).parent

ORIGINAL = """
import os, sys, time
import pyutmpx
# It gives back references to None that it never took; these last for one round.
keep = [None] * 3_000_000
start, at = time.process_time(), time.perf_counter()
count = 0
for entry in pyutmpx.wtmp:
    _type = entry.type
    _pid = entry.pid
    _user = entry.user
    _line = entry.line
    _host = entry.host
    _time = entry.time
    count += 1
print(time.process_time() - start, time.perf_counter() - at, count, flush=True)
os._exit(0)
"""


def make(path: Path, mebibytes: int) -> int:
    """A wtmp of a busy machine: 63 users, 2,000 hosts, 200 lines. Returns the records."""
    rng = random.Random(1)
    users = [b"root", b"backup", b"deploy"] + [b"user%02d" % i for i in range(60)]
    hosts = [b"host%d.example.org" % i for i in range(500)]
    hosts += [b"10.%d.%d.%d" % tuple(rng.randbytes(3)) for _ in range(1500)]
    now, opened = 1_600_000_000, {}
    records = (mebibytes << 20) // RECORD.size
    with path.open("wb", buffering=4 << 20) as file:
        for number in range(records):
            now += rng.randrange(60)
            place = rng.randrange(200)
            line, tag = b"pts/%d" % place, b"ts/%d" % (place % 100)
            when = (now, rng.randrange(1_000_000))
            if place in opened:
                row = (8, opened.pop(place), line, tag, b"", b"", 0, 0, 0, *when, bytes(16))
            elif number % 5000 == 0:
                opened.clear()
                row = (2, 0, b"~", b"~~", b"reboot", b"6.1.0-13", 0, 0, 0, *when, bytes(16))
            else:
                opened[place] = pid = rng.randrange(300, 4_000_000)
                host = rng.choice(hosts)
                octets = host.split(b".")
                v4 = bytes(map(int, octets)) if octets[0] == b"10" else b""
                addr = v4.ljust(16, b"\0")
                row = (7, pid, line, tag, rng.choice(users), host, 0, 0, 0, *when, addr)
            file.write(RECORD.pack(*row))
    return records


def by_struct(data: bytes) -> None:
    """The six fields a script would unpack, as str and datetime."""
    from_timestamp = datetime.datetime.fromtimestamp
    for _type, _pid, line, user, host, sec, usec in SIX.iter_unpack(data):
        _line = line.split(b"\0", 1)[0].decode()
        _user = user.split(b"\0", 1)[0].decode()
        _host = host.split(b"\0", 1)[0].decode()
        _time = from_timestamp(sec, UTC).replace(microsecond=usec)


def table_by_struct(data: bytes) -> object:
    """The columns of table() that a glibc record fills, by a loop."""
    import pyarrow

    epoch = datetime.datetime(1970, 1, 1, tzinfo=UTC)
    columns: list[list[object]] = [[] for _ in range(13)]
    add = [column.append for column in columns]
    for offset, row in enumerate(RECORD.iter_unpack(data)):
        for to, value in zip(add, (row[0], row[1], row[6], row[7], row[8], offset * 384)):
            to(value)
        for to, text in zip(add[6:], row[2:6]):
            to(text.split(b"\0", 1)[0].decode())
        add[10](epoch + datetime.timedelta(seconds=row[9], microseconds=row[10]))
        family = socket.AF_INET6 if any(row[11][4:]) else socket.AF_INET
        size = 16 if family == socket.AF_INET6 else 4
        add[11](socket.inet_ntop(family, row[11][:size]) if any(row[11]) else None)
        add[12](offset)
    return pyarrow.table(columns, names=[str(i) for i in range(13)])


def read(path: Path) -> None:
    """What any reader pays that does not map the file, into memory that is used again."""
    buffer = memoryview(bytearray(256 << 10))
    with path.open("rb", buffering=0) as file:
        while file.readinto(buffer):
            pass


def touch(entries: object) -> None:
    for entry in entries:  # type: ignore[attr-defined]
        _type = entry.type
        _pid = entry.pid
        _user = entry.user
        _line = entry.line
        _host = entry.host
        _time = entry.time


def original(folder: Path) -> Times:
    """Its own measurement; NaN where it cannot be run."""
    library = folder / "redirect.so"
    if not library.exists():
        compiler = shutil.which("cc") or "gcc"
        source = HERE.parent / "tests" / "redirect.c"
        build = [compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
        subprocess.run(build, check=True)
    environment = {**os.environ, "LD_PRELOAD": str(library), "LOGIN_RECORDS": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", ORIGINAL],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    processor, clock = map(float, done.stdout.split()[:2] or ("nan", "nan"))
    return processor, clock


def measure(work: Callable[[], object]) -> Times:
    processor, clock = time.process_time(), time.perf_counter()
    kept = work()
    taken = time.process_time() - processor, time.perf_counter() - clock
    del kept
    return taken


def main() -> None:
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "wtmp"
        records = make(path, mebibytes)
        data = path.read_bytes()
        works: dict[str, Callable[[], object]] = {
            "struct.iter_unpack, six fields": lambda: by_struct(data),
            "struct.iter_unpack, a pyarrow table": lambda: table_by_struct(data),
            "pyutmpx.open(path), iterated": lambda: touch(pyutmpx.open(path)),
            "loginrec.open(path), iterated": lambda: touch(loginrec.open(path)),
            "table(path)": lambda: loginrec.table(path),
            "table(path, columns=six)": lambda: loginrec.table(path, columns=COLUMNS),
            "reading the file, nothing else": lambda: read(path),
        }
        none = (float("inf"), float("inf"))
        best: dict[str, Times] = dict.fromkeys(("pyutmpx 0.4.1", *works), none)
        for _ in range(ROUNDS):
            for label in best:
                times = measure(works[label]) if label in works else original(folder)
                best[label] = min(best[label][0], times[0]), min(best[label][1], times[1])
    print(f"{records} records, {mebibytes} MiB, CPython {sys.version.split()[0]}\n")
    rivals = list(best)[:3]
    for number, what in enumerate(("processor time", "on the clock")):
        print(f"| {what}, times as fast as | pyutmpx | iter_unpack, six | iter_unpack, table |")
        print("|---|---:|---:|---:|")
        for label in list(best)[3:]:
            ratios = [f"{best[rival][number] / best[label][number]:.1f}" for rival in rivals]
            print(f"| {label} | {' | '.join(ratios)} |")
        print()


if __name__ == "__main__":
    main()
