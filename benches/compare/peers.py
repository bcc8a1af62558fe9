"""Peers that are Python libraries: peers.py WHAT FILE reads a wtmp of 384-byte records and
ends by printing how many there were. `json` and `dissect-json` make lines, without printing."""

import json
import struct
import sys

RECORD = struct.Struct("<hxxi32s4s32s256shhiii16s20x")


def records(data):
    for kind, pid, line, id_, user, host, _, _, session, sec, usec, addr in RECORD.iter_unpack(data):
        yield {
            "type": kind,
            "pid": pid,
            "line": line.split(b"\0", 1)[0].decode("utf-8", "replace"),
            "user": user.split(b"\0", 1)[0].decode("utf-8", "replace"),
            "host": host.split(b"\0", 1)[0].decode("utf-8", "replace"),
            "time": sec + usec / 1e6,
        }


def main():
    what, path = sys.argv[1:]
    if what in ("struct", "json"):
        with open(path, "rb") as file:
            made = records(file.read())
            count = sum(len(json.dumps(record)) > 0 if what == "json" else 1 for record in made)
    elif what == "utmp":
        import utmp

        with open(path, "rb") as file:
            count = sum(1 for _ in utmp.read(file.read()))
    else:
        from pathlib import Path

        from dissect.target.plugins.os.unix.log.utmp import UtmpFile

        made = UtmpFile(Path(path))
        if what == "dissect":
            count = sum(1 for _ in made)
        else:
            count = sum(len(json.dumps(entry._asdict(), default=str)) > 0 for entry in made)
    print(count)


main()
