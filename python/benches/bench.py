"""How fast, beside the original pyutmpx and a loop over struct.iter_unpack.

    venv/bin/pip install pyutmpx polars pyarrow
    venv/bin/python python/benches/bench.py [MEBIBYTES]

All contestants run in turn, round after round, over one file; the best round of each counts, and
what is printed are ratios within this run. The original can read /var/log/wtmp only and takes
the interpreter down: it runs in processes of its own, with redirect.c of the tests preloaded,
and measures itself. Time is processor time for single-threaded work, so that a busy machine
weighs less; for table(), which uses all processors, also time on the clock.
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

ROUNDS = 5
RECORD = struct.Struct("<h2xi32s4s32s256shhiii16s20x")
SIX = struct.Struct("<h2xi32s4x32s256s8xii36x")
UTC = datetime.timezone.utc
HERE = Path(__file__).parent

ORIGINAL = """
import os, sys, time
import pyutmpx
# It gives back references to None that it never took; these last for one round.
keep = [None] * 3_000_000
start = time.process_time()
count = 0
for entry in pyutmpx.wtmp:
    _type = entry.type
    _pid = entry.pid
    _user = entry.user
    _line = entry.line
    _host = entry.host
    _time = entry.time
    count += 1
print(time.process_time() - start, count, flush=True)
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
    with path.open("wb") as file:
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


def touch(entries: object) -> None:
    for entry in entries:  # type: ignore[attr-defined]
        _type = entry.type
        _pid = entry.pid
        _user = entry.user
        _line = entry.line
        _host = entry.host
        _time = entry.time


def original(folder: Path) -> float:
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
    return float(done.stdout.split()[0]) if done.stdout else float("nan")


def measure(clock: Callable[[], float], work: Callable[[], object]) -> float:
    start = clock()
    kept = work()
    taken = clock() - start
    del kept
    return taken


def main() -> None:
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "wtmp"
        records = make(path, mebibytes)
        data = path.read_bytes()
        process, wall = time.process_time, time.perf_counter
        contestants: dict[str, Callable[[], float]] = {
            "pyutmpx 0.4.1, iterated": lambda: original(folder),
            "struct.iter_unpack, six fields": lambda: measure(process, lambda: by_struct(data)),
            "struct.iter_unpack, a pyarrow table": lambda: measure(
                process, lambda: table_by_struct(data)
            ),
            "loginrec.pyutmpx.open, iterated": lambda: measure(
                process, lambda: touch(pyutmpx.open(path))
            ),
            "loginrec.open, iterated": lambda: measure(process, lambda: touch(loginrec.open(path))),
            "the file's bytes, copied once": lambda: measure(process, lambda: bytearray(data)),
            "loginrec.table, processor time": lambda: measure(
                process, lambda: loginrec.table(path)
            ),
            "loginrec.table, on the clock": lambda: measure(wall, lambda: loginrec.table(path)),
        }
        best = dict.fromkeys(contestants, float("inf"))
        for _ in range(ROUNDS):
            for label, run in contestants.items():
                best[label] = min(best[label], run())
    print(f"{records} records, {mebibytes} MiB, CPython {sys.version.split()[0]}\n")
    rivals = list(contestants)[:3]
    print("| times as fast as | pyutmpx | iter_unpack, six fields | iter_unpack, table |")
    print("|---|---:|---:|---:|")
    for label in list(contestants)[3:]:
        ratios = " | ".join(f"{best[rival] / best[label]:.1f}" for rival in rivals)
        print(f"| {label} | {ratios} |")


if __name__ == "__main__":
    main()
