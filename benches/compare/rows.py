"""What is compared: the rows of the table."""

from dataclasses import dataclass, field, replace
from pathlib import Path

HERE = Path(__file__).parent


@dataclass
class Command:
    """One program at one work. `extra` are lines it prints that are no records; None where
    lines are not records, unless `check` prints how many there are."""

    name: str
    line: str
    extra: int | None = 0
    check: str | None = None
    # Measured.
    walls: list = field(default_factory=list)
    cpus: list = field(default_factory=list)
    peak: int = 0


@dataclass
class Goal:
    """How many times as much `other` takes: at least, or at most."""

    other: str
    least: float = 0
    most: float = 0

    def __str__(self):
        return f"{self.other} ≥ {self.least:.3g}" if self.least else f"{self.other} ≤ {self.most:.3g}"

    def reached(self, ratio):
        return ratio >= self.least if self.least else ratio <= self.most


@dataclass
class Row:
    name: str
    ours: Command
    others: list
    goals: list = field(default_factory=list)
    # Work done, for a rate, and its unit.
    amount: float = 0
    unit: str = ""
    # Whether elapsed time is what matters: threads.
    wall: bool = False
    # MiB that must not be passed.
    peak: int = 0


# To /dev/null, grep would end at the first hit.
CARVED = r"[\x00-\x0a]\x00\x00\x00....(?:pts/|tty)\d"


def rows(files, venv, threads):
    """All rows for which there are files."""
    library = "linux-glibc-384-le"
    peers = f"{venv}/python {HERE}/peers.py"

    for size in ("64M", "1G"):
        wtmp = files / f"wtmp.{size}"
        if not wtmp.exists():
            continue
        small = size == "64M"
        shown = f"{size[:-1]} {size[-1]}iB"
        mega = wtmp.stat().st_size // 384 / 1e6

        def reader(name, how, times, path=wtmp):
            return Command(name, f"library sum {how} {library} {path} {times}", None,
                           f"library check {how} {library} {path}")

        def python(name, mode, path=wtmp):
            return Command(name, f"{peers} {mode} {path}", None, f"{peers} {mode} {path}")

        if small:
            goals = [Goal("by hand", least=1 / 1.15), Goal("utmp-rs", least=3.5)]
            yield Row("library, six fields, 64 MiB mapped", reader("loginrec", "for_each", 1),
                      [reader("by hand", "yardstick", 1), reader("memchr loop", "memchr", 1),
                       reader("utmp-rs", "utmp-rs", 1), python("Python struct", "struct"),
                       python("PyPI utmp", "utmp"), python("dissect", "dissect")],
                      goals, mega, "M records/s")
            yield Row("the same, mapped once and read 20 times", reader("loginrec", "for_each", 20),
                      [reader("by hand", "yardstick", 20), reader("memchr loop", "memchr", 20),
                       reader("utmp-rs", "utmp-rs", 20)], goals, 20 * mega, "M records/s")
        yield Row(f"dump, text, {shown}", Command("loginrec", f"loginrec dump {wtmp}"),
                  [Command("by hand", f"yardstick text {wtmp}"), Command("utmpdump", f"utmpdump {wtmp}")]
                  + ([Command("s4", f"s4 --color=never {wtmp}", None)] if small else []),
                  [Goal("utmpdump", least=7)], mega, "M records/s", peak=16)
        yield Row(f"dump, jsonl, {shown}", Command("loginrec", f"loginrec dump --format jsonl {wtmp}"),
                  [Command("by hand", f"yardstick jsonl {wtmp}")]
                  + ([Command("Go utmpdump", f"go-utmpdump -f {wtmp} -o json", None),
                      python("Python struct, json", "json"),
                      python("dissect, json", "dissect-json")] if small else []),
                  [Goal("by hand", least=1 / 1.5), Goal("Go utmpdump", least=40),
                   Goal("Python struct, json", least=40)], mega, "M records/s", peak=16)
        yield Row(f"dump, csv, {shown}", Command("loginrec", f"loginrec dump --format csv {wtmp}", 1),
                  [Command("by hand", f"yardstick csv {wtmp}", 1)]
                  + ([Command("Go utmpdump", f"go-utmpdump -f {wtmp} -o csv", None)] if small else []),
                  [Goal("by hand", least=1 / 1.5), Goal("Go utmpdump", least=40)],
                  mega, "M records/s", peak=16)
        yield Row(f"last, {shown}", Command("loginrec", f"loginrec last -f {wtmp}"),
                  [Command("util-linux last", f"last -f {wtmp}")], [Goal("util-linux last", least=4)],
                  mega, "M records/s", peak=16)
    database = files / "wtmp.db"
    if database.exists():
        select = Command("sqlite3 'select *'", f"sqlite3 -readonly {database} 'select * from wtmp'")
        yield Row("dump, text, a wtmp.db of 200,000 rows", Command("loginrec", f"loginrec dump {database}"),
                  [select], [Goal("sqlite3 'select *'", least=1 / 1.2)], 0.2, "M rows/s", peak=16)
        yield Row("summary of the same", Command("loginrec", f"loginrec summary {database}", None),
                  [replace(select, extra=None, walls=[], cpus=[])])
    wtmp = files / "endless"
    yield Row("last, 20,000 logins that never end", Command("loginrec", f"loginrec last -f {wtmp}"),
              [Command("util-linux last", f"last -f {wtmp}")])
    wtmp = files / "wtmp.64M.gz"
    yield Row("dump, text, gzip of 64 MiB", Command("loginrec", f"loginrec dump {wtmp}"),
              [Command("gzip -dc, utmpdump", f"gzip -dc {wtmp} | utmpdump")],
              [Goal("gzip -dc, utmpdump", least=3.5)])
    yield from carving(files, threads)
    tree = files / "tree"
    every = f"find {tree} -type f -exec"
    yield Row("detect, 10,000 small files", Command("loginrec", f"{every} loginrec detect {{}} +", None),
              [Command("walk, open, read", f"limits walk {tree}", None), Command("file", f"{every} file {{}} +", None),
               Command("find -exec utmpdump", f"{every} utmpdump {{}} ';'", None)],
              [Goal("walk, open, read", least=1 / 1.6)], 10, "k files/s")
    lastlog = files / "lastlog"
    seek = Command("SEEK_DATA, by hand", f"limits seek {lastlog}", None, f"limits seek {lastlog}")
    for name, line, extra, others in (
        ("detect", f"loginrec detect {lastlog}", None, []),
        ("dump", f"loginrec dump {lastlog}", 0, []),
        ("lastlog", f"loginrec lastlog {lastlog}", 1,
         [Command("lastlogcsv", f"{venv}/lastlogcsv -i {lastlog} -o /dev/null", None)])):
        yield Row(f"{name}: a sparse lastlog of 584 MB, 34,874 of 2,000,001 slots used", Command("loginrec", line, extra),
                  [replace(seek, walls=[], cpus=[]), *others], [Goal("SEEK_DATA, by hand", least=1 / 3)], peak=16)
    yield Row("start, --version", Command("loginrec", "loginrec --version", None),
              [Command("empty program", "empty", None)])
    yield from growth(files)


def carving(files, threads):
    for ground in ("random", "text", "zeros"):
        image = files / f"ground.{ground}"
        if not image.exists():
            continue
        size = image.stat().st_size / 1e9
        for name, layouts in (("all layouts", ""), ("typed layouts", "--layout typed "),
                              ("Linux layouts", "--layout linux ")):
            run = f"loginrec carve --threads 1 {layouts}{image}"
            yield Row(f"carve, {name}, {ground}", Command("loginrec", run, None),
                      [Command("read by hand", f"limits read {image}", None)], [], size, "GB/s", peak=16)
    for size in ["1G"] if (files / "image.1G").exists() else ["256M"]:
        image = files / f"image.{size}"
        amount = image.stat().st_size / 1e9
        shown = f"{size[:-1]} {size[-1]}iB"
        yield Row(f"carve, all layouts, image of {shown}", Command("loginrec", f"loginrec carve --threads 1 {image}", None),
                  [Command("grep -P, one pattern, no check", f"grep -caP '{CARVED}' {image} | cat", None),
                   Command("rg, one pattern, no check", f"rg -ca '(?-u){CARVED}' {image}", None)],
                  [], amount, "GB/s", peak=16)
        if threads > 1:
            yield Row(f"carve on two threads, image of {shown}",
                      Command("two", f"loginrec carve --threads 2 {image}", None),
                      [Command("one thread", f"loginrec carve --threads 1 {image}", None)],
                      [Goal("one thread", least=1.7)], amount, "GB/s", wall=True)


def growth(files):
    """The same work at another size, as multiples."""
    for name, line in (("dump, text", "loginrec dump"), ("last", "loginrec last -f"),
                       ("sessions", "loginrec sessions")):
        least, small, large = (files / f"wtmp.{size}" for size in ("1M", "64M", "1G"))
        yield Row(f"growth of {name}, 64 MiB", Command("loginrec", f"{line} {small}", None),
                  [Command("1 MiB", f"{line} {least}", None)]
                  + ([Command("1 GiB", f"{line} {large}", None)] if large.exists() else []),
                  [Goal("1 GiB", most=17)])
    for name, line in (("last", "loginrec last -f"), ("sessions", "loginrec sessions")):
        yield Row(f"{name}, 40,000 logins and logouts", Command("loginrec", f"{line} {files}/paired", None),
                  [Command("80,000 that never end", f"{line} {files}/endless.80k", None)],
                  [Goal("80,000 that never end", most=1.5)])
