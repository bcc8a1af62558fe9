"""Runs loginrec and its peers interleaved and writes a table of ratios.

    measure.py WORK ROUNDS RESULTS.md

WORK is what compare.sh has prepared: bin, venv, files. A command of which the first run
takes long runs three times, others ROUNDS times; each round runs every command once.
"""

import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

WORK, ROUNDS, RESULTS = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
FILES = WORK / "files"
BEGIN, END = "<!-- command line: begin -->", "<!-- command line: end -->"
LONG = 1.5


@dataclass
class Command:
    name: str
    line: str
    # Lines printed that are no records, or None where lines are not records.
    extra: int | None = 0
    walls: list = field(default_factory=list)
    cpus: list = field(default_factory=list)
    peak: int = 0

    def there(self):
        program = self.line.split()[0]
        return shutil.which(program) is not None

    def count(self):
        """How many records it says there are."""
        shell = subprocess.run(f"({self.line}) 2>/dev/null | wc -l", shell=True, capture_output=True)
        return int(shell.stdout) - self.extra

    def remember(self):
        """Peak memory, by way of time(1): what Python starts counts Python's own."""
        if shutil.which("time"):
            said = WORK / "peak"
            line = ["time", "-f", "%M", "-o", said, "sh", "-c", self.line]
            subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.peak = int(said.read_text().split()[-1])

    def run(self):
        start = time.perf_counter()
        with open(os.devnull, "wb") as null:
            line = self.line if "|" in self.line else f"exec {self.line}"
            child = subprocess.Popen(["sh", "-c", line], stdout=null, stderr=null)
            _, _, usage = os.wait4(child.pid, 0)
            child.returncode = 0
        self.walls.append(time.perf_counter() - start)
        self.cpus.append(usage.ru_utime + usage.ru_stime)


@dataclass
class Work:
    name: str
    goal: str
    ours: Command
    others: list


def works():
    """What is compared. The yardstick is named `by hand`."""
    venv = WORK / "venv/bin"
    for size in ("1M", "64M", "1G"):
        wtmp = FILES / f"wtmp.{size}"
        if not wtmp.exists():
            continue
        yield Work(f"dump, text, {size}", "7 of utmpdump" if size != "1M" else "",
                   Command("loginrec", f"loginrec dump {wtmp}"),
                   [Command("by hand", f"yardstick text {wtmp}"),
                    Command("utmpdump", f"utmpdump {wtmp}"),
                    Command("PyPI utmp", f"{venv}/utmp {wtmp}", None),
                    Command("utmp-rs, counting only", f"utmp-rs {wtmp}", None)])
        yield Work(f"dump, jsonl, {size}", "1/1.5 of by hand, 40 of the fastest peer" if size != "1M" else "",
                   Command("loginrec", f"loginrec dump --format jsonl {wtmp}"),
                   [Command("by hand", f"yardstick jsonl {wtmp}"),
                    Command("Go utmpdump", f"go-utmpdump -f {wtmp} -o json", None),
                    Command("dissect", f"{venv}/target-query -q -j -f wtmp {wtmp}", None)])
        yield Work(f"dump, csv, {size}", "1/1.5 of by hand, 40 of the fastest peer" if size != "1M" else "",
                   Command("loginrec", f"loginrec dump --format csv {wtmp}", 1),
                   [Command("by hand", f"yardstick csv {wtmp}", 1),
                    Command("Go utmpdump", f"go-utmpdump -f {wtmp} -o csv", None)])
        # util-linux ends its list with a blank line and the beginning of the file.
        yield Work(f"last, {size}", "4 of last at 1G",
                   Command("loginrec", f"loginrec last -f {wtmp}"),
                   [Command("last", f"last -f {wtmp}")])
    wtmp = FILES / "neverending"
    yield Work("last, 20,000 logins that never end", "",
               Command("loginrec", f"loginrec last -f {wtmp}"), [Command("last", f"last -f {wtmp}")])
    packed = FILES / "wtmp.64M.gz"
    yield Work("dump, text, gzip of 64M", "3.5 of the pipe",
               Command("loginrec", f"loginrec dump {packed}"),
               [Command("gzip -dc, utmpdump", f"gzip -dc {packed} | utmpdump")])
    lastlog = FILES / "lastlog"
    yield Work("lastlog, 50,000 of 2,000,000 uids, sparse", "",
               Command("loginrec", f"loginrec dump --format csv {lastlog}", None),
               [Command("lastlogcsv", f"{venv}/lastlogcsv -i {lastlog} -o /dev/null", None)])
    tree = FILES / "tree"
    yield Work("detect, 10,000 small files", "",
               Command("loginrec", f"find {tree} -type f -exec loginrec detect {{}} +", None),
               [Command("find, cat", f"find {tree} -type f -exec cat {{}} +", None),
                Command("file", f"find {tree} -type f -exec file {{}} +", None),
                Command("find -exec utmpdump", f"find {tree} -type f -exec utmpdump {{}} ;".replace(";", "';'"), None)])
    if "carve" in subprocess.run(["loginrec", "--help"], capture_output=True, text=True).stdout:
        image = FILES / "image"
        pattern = r"[\x00-\x0a]\x00\x00\x00....(?:pts/|tty)\d"
        yield Work("carve, image of 256M", "",
                   Command("loginrec", f"loginrec carve {image}", None),
                   [Command("grep -P, one pattern, no check", f"grep -caP '{pattern}' {image}", None),
                    Command("rg, one pattern, no check", f"rg -ca '(?-u){pattern}' {image}", None)])
    yield Work("start, --version", "2 ms above an empty program",
               Command("loginrec", "loginrec --version", None), [Command("empty program", "empty", None)])


def check(work):
    """All must have read the same records. `last` counts what it lists."""
    commands = [command for command in [work.ours, *work.others] if command.extra is not None]
    if not commands:
        return ""
    counts = {command.name: command.count() for command in commands}
    if len(set(counts.values())) != 1:
        sys.exit(f"{work.name}: not the same records: {counts}")
    return f"{next(iter(counts.values())):,}"


def measure(work):
    for command in list(work.others):
        if not command.there():
            work.others.remove(command)
            print(f"skipped: {work.name}: {command.name}")
    records = check(work)
    commands = [work.ours, *work.others]
    for command in commands:
        command.remember()
    for round in range(ROUNDS):
        for command in commands:
            if round < 3 or command.walls[0] < LONG:
                command.run()
    return records


def times(ratio):
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def row(work, records):
    cells = []
    for other in work.others:
        wall, cpu = (statistics.median(theirs) / max(statistics.median(ours), 1e-6)
                     for theirs, ours in ((other.walls, work.ours.walls), (other.cpus, work.ours.cpus)))
        cells.append(f"{other.name} {times(wall)} ({times(cpu)})")
    if work.name.startswith("start"):
        above = 1000 * (statistics.median(work.ours.walls) - statistics.median(work.others[0].walls))
        cells = [f"{above:.1f} ms above an empty program"]
    peaks = ", ".join(f"{c.name} {c.peak / 1024:.0f}" for c in work.others if c.name != "by hand")
    return f"| {work.name} | {records} | {', '.join(cells)} | {work.goal} | {work.ours.peak / 1024:.0f} | {peaks} |"


def version(line):
    try:
        shown = subprocess.run(line.split(), capture_output=True, text=True)
    except OSError:
        return None
    return (shown.stdout or shown.stderr).splitlines()[0].strip() if shown.stdout or shown.stderr else None


def versions():
    found = [version(line) for line in ("loginrec --version", "utmpdump --version", "file --version",
                                        "grep --version", "rg --version", "gzip --version", "rustc --version")]
    listed = subprocess.run([WORK / "venv/bin/pip", "list", "--format", "freeze"], capture_output=True, text=True)
    found += re.findall(r"^(?:utmp|lastlogcsv|dissect\.target)==.*", listed.stdout, re.M)
    return "; ".join(filter(None, found))


def machine():
    info = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.*)", info.read_text()) if info.exists() else None
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}{load}"


def main():
    os.environ["LC_ALL"], os.environ["TZ"] = "C", "UTC"
    head = f"{time.strftime('%Y-%m-%d')}; {machine()}; {versions()}."
    lines = [
        head,
        "",
        "How many times as long (and in brackets, how many times as much processor time) others take as loginrec,",
        "by the medians of interleaved runs with everything in the page cache and output to /dev/null; peak",
        "resident memory in MiB. `by hand` is `compare/yardstick.rs`.",
        "",
        "| work | records | others | goal | peak | peak of others |",
        "|---|---:|---|---|---:|---|",
    ]
    for work in works():
        lines.append(row(work, measure(work)))
        print(lines[-1], flush=True)
    table = "\n".join([BEGIN, *lines, END])
    text = RESULTS.read_text() if RESULTS.exists() else "# Results\n\n## Command line\n\n" + BEGIN + END + "\n"
    if BEGIN not in text:
        text += "\n## Command line\n\n" + BEGIN + END + "\n"
    before, rest = text.split(BEGIN)
    RESULTS.write_text(before + table + rest.split(END)[1])


main()
