"""Runs loginrec and its peers interleaved and writes a table of ratios.

    measure.py WORK ROUNDS SECONDS RESULTS.md

WORK is what compare.sh has prepared: bin, venv, files. Each round runs every command of a
row once, at most ROUNDS times; one that takes seconds runs less often, one that takes longer
than SECONDS is given up. What is compared is processor time, because machines are shared.
"""

import os
import platform
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

from rows import rows

WORK, ROUNDS, LIMIT, RESULTS = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4])
BEGIN, END = "<!-- command line: begin -->", "<!-- command line: end -->"
CORES = os.cpu_count() or 1


class TooSlow(Exception):
    pass


class Failed(Exception):
    pass


def spawn(line, **pipes):
    """Without a shell, unless one is needed: it would be measured too."""
    args = ["sh", "-c", line] if "|" in re.sub(r"'[^']*'", "", line) else shlex.split(line)
    return subprocess.Popen(args, start_new_session=True, close_fds=False, stderr=subprocess.DEVNULL, **pipes)


def stop(child, *_):
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(command):
    """Once: notes the time, and the peak of memory."""
    signal.signal(signal.SIGALRM, lambda *_: stop(child))
    start = time.perf_counter()
    child = spawn(command.line, stdout=subprocess.DEVNULL)
    signal.setitimer(signal.ITIMER_REAL, LIMIT)
    _, status, usage = os.wait4(child.pid, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    child.returncode = 0
    if status == signal.SIGKILL:
        raise TooSlow(f"more than {LIMIT:.0f} s")
    # find says 1 for any status of what it runs, loginrec 2 for files that have no records.
    if os.waitstatus_to_exitcode(status) not in (0, 1, 2):
        raise Failed(f"status {os.waitstatus_to_exitcode(status)}")
    command.walls.append(time.perf_counter() - start)
    command.cpus.append(usage.ru_utime + usage.ru_stime)


def remember(command):
    """Peak memory, by way of time(1): what Python starts counts Python's own."""
    if shutil.which("time"):
        said = WORK / "peak"
        line = ["time", "-f", "%M", "-o", said, "sh", "-c", f"exec {command.line}"]
        subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        command.peak = int(said.read_text().split()[-1])


def count(command):
    """How many records it says there are; None where it says nothing of records."""
    if command.check is None and command.extra is None:
        return None
    child = spawn(command.check or f"({command.line}) | wc -l", stdout=subprocess.PIPE)
    try:
        out, _ = child.communicate(timeout=4 * LIMIT)
    except subprocess.TimeoutExpired:
        stop(child)
        raise TooSlow("counting its records takes too long") from None
    if child.returncode != 0 or not out.strip():
        raise Failed("it fails")
    return int(out) - (command.extra or 0 if command.check is None else 0)


def is_there(command):
    program = command.line.split()[0]
    if program == "find":
        program = command.line.split("-exec ")[1].split()[0]
    if program.endswith("/python"):
        mode = command.line.split()[2].split("-")[0]
        modules = {"utmp": "utmp", "dissect": "dissect.target"}
        line = [program, "-c", f"import {modules.get(mode, 'json')}"]
        return shutil.which(program) and subprocess.run(line, stderr=subprocess.DEVNULL).returncode == 0
    return shutil.which(program) is not None


def rounds(command):
    """How often it is worth its time."""
    took = command.walls[0]
    return max(1, min(ROUNDS, 1 + int(3 / took) if took < 3 else 2 if took < 10 else 1))


def measure(row):
    """Fills in the times; how many records there are. Peers that cannot are left out."""
    records = count(row.ours)
    for command in [row.ours, *row.others]:
        try:
            if not is_there(command):
                raise Failed("not installed")
            found = count(command) if command is not row.ours else records
            if found is not None and records is not None and found != records:
                sys.exit(f"{row.name}: {command.name} reads {found} records, loginrec {records}")
            run(command)
            remember(command)
        except (TooSlow, Failed) as why:
            if command is row.ours:
                raise
            row.others = [other for other in row.others if other is not command]
            print(f"skipped: {row.name}: {command.name}: {why}", flush=True)
    for number in range(1, ROUNDS):
        for command in [row.ours, *row.others]:
            if number < rounds(command):
                try:
                    run(command)
                except TooSlow as why:
                    print(f"left out: {row.name}: {command.name}, once: {why}", flush=True)
    return records


def figure(number):
    return f"{number:.2f}" if number < 10 else f"{number:,.0f}"


def line(row, records):
    by_wall, ours = {}, row.ours
    cpu, wall = statistics.median(ours.cpus), statistics.median(ours.walls)
    by_cpu = {c.name: statistics.median(c.cpus) / max(cpu, 1e-6) for c in row.others}
    by_wall = {c.name: statistics.median(c.walls) / wall for c in row.others}
    main = by_wall if row.wall else by_cpu
    cells = [f"{name} {figure(by_cpu[name])} ({figure(by_wall[name])})" for name in by_cpu]
    if row.name.startswith("start"):
        above = 1000 * (wall - statistics.median(row.others[0].walls))
        cells = [f"{above:.1f} ms above an empty program"]
    goals = []
    for goal in row.goals:
        if goal.other in main:
            goals.append(f"{goal}: {'reached' if goal.reached(main[goal.other]) else 'missed'}")
    rate = f"{figure(row.amount / (wall if row.wall else cpu))} {row.unit}" if row.amount else ""
    peak = f"{ours.peak / 1024:.0f}" if ours.peak else ""
    if row.peak and ours.peak > row.peak * 1024:
        peak += f" (more than {row.peak})"
    peaks = [f"{c.name} {c.peak / 1024:.0f}" for c in row.others if c.peak > 64 << 10]
    cells = [row.name, f"{records:,}" if records is not None else "", rate, ", ".join(cells),
             "; ".join(goals), peak, ", ".join(peaks)]
    return f"| {' | '.join(cells)} |"


def version(line):
    try:
        shown = subprocess.run(line.split(), capture_output=True, text=True)
    except OSError:
        return None
    lines = (shown.stdout or shown.stderr).splitlines()
    return lines[0].strip() if lines and shown.returncode == 0 else None


def versions():
    found = [version(f"{tool} --version") for tool in
             ("loginrec", "utmpdump", "last", "file", "grep", "rg", "gzip", "s4", "python3", "rustc")]
    pip = WORK / "venv/bin/pip"
    if pip.exists():
        listed = subprocess.run([pip, "list", "--format", "freeze"], capture_output=True, text=True)
        found += re.findall(r"^(?:utmp|lastlogcsv|dissect\.target)==.*", listed.stdout, re.M)
    return "; ".join(filter(None, found))


def machine():
    info = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.*)", info.read_text()) if info.exists() else None
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{model[1] if model else platform.machine()}, {CORES} cores, {platform.system()} {platform.release()}{load}"


HEAD = """\
{date}; {machine}; {versions}.

How many times as much processor time (in brackets: time) others take as loginrec, by the medians of interleaved
runs with everything in the page cache and output to /dev/null; the rate is loginrec's, by processor time (on two
threads: by time). Peak resident memory in MiB, of others where it is more than 64. `by hand` and `walk` are loops
written for nothing else (`benches/compare/yardstick.rs`, `benches/common/yardstick.rs`, `limits.rs`).

| work | records | rate | others, in multiples of loginrec | goals | peak | peak of others |
|---|---:|---:|---|---|---:|---|
"""


def main():
    os.environ["LC_ALL"], os.environ["TZ"] = "C", "UTC"
    began = time.monotonic()
    head = HEAD.format(date=time.strftime("%Y-%m-%d"), machine=machine(), versions=versions())
    lines = []
    for row in rows(WORK / "files", WORK / "venv/bin", CORES):
        try:
            lines.append(line(row, measure(row)))
            print(lines[-1], flush=True)
        except (TooSlow, Failed) as why:
            print(f"skipped: {row.name}: {why}", flush=True)
    print(f"measured for {time.monotonic() - began:.0f} s")
    before, rest = RESULTS.read_text().split(BEGIN)
    RESULTS.write_text(before + BEGIN + "\n" + head + "\n".join(lines) + "\n" + END + rest.split(END)[1])


if __name__ == "__main__":
    main()
