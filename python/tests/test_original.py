"""The original pyutmpx beside ours, over the same files.

It reads fixed paths only, so it runs in a process of its own with a preloaded library that opens
other files under those names. It also crashes; where it does, the test says so and why.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"
RECORD = struct.Struct("<h2xi32s4s32s256shhiii16s20x")
SLOT = struct.Struct("<i32s256s")

# Prints what one module makes of a database, an entry a line, or how it ends. The same program
# runs the original and ours.
READER = """
import importlib, itertools, sys
module, name = sys.argv[1:]
pyutmpx = importlib.import_module(module)
# The original gives back references to None that it never took. Until 3.11 the interpreter
# aborts when none are left; these keep it going long enough to compare.
keep = [None] * 4_000_000
names = ("type", "pid", "line", "id", "user", "host", "exit", "sid", "time", "addr")
if name == "lastlog":
    names = ("uid", "host", "line", "time")
database = getattr(pyutmpx, name)
print(repr(database), database.path)
try:
    entries = iter(database)
    for number in itertools.count():
        try:
            entry = next(entries)
        except UnicodeDecodeError as error:
            print("UnicodeDecodeError", error.object, flush=True)
            break
        values = [getattr(entry, name) for name in names]
        print(ascii(values).replace("loginrec.", ""), ascii(repr(entry)), flush=True)
except StopIteration:
    print("end", number, flush=True)
except BaseException as error:
    print(type(error).__name__, getattr(error, "filename", None), flush=True)
# Without taking the interpreter down in order, which also aborts.
import os
os._exit(0)
"""


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the preloaded library and, in `python`, the original."""
    folder = tmp_path_factory.mktemp("original")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if sys.platform != "linux" or sysconfig.get_config_var("SIZEOF_VOID_P") != 8 or not compiler:
        pytest.skip("needs 64-bit Linux and a C compiler")
    if os.uname().machine != "x86_64":
        pytest.skip("the files compared are those of x86-64")
    library = folder / "redirect.so"
    source = str(HERE / "redirect.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    venv.create(folder / "python", with_pip=True)
    install = [folder / "python/bin/python", "-m", "pip", "install", "-q", "pyutmpx==0.4.1"]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"pyutmpx cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    return folder


def run(workplace: Path, folder: Path, name: str, original: bool) -> tuple[int, list[str]]:
    """The exit status and the lines of one reader."""
    python = workplace / "python/bin/python" if original else Path(sys.executable)
    module = "pyutmpx" if original else "loginrec.pyutmpx"
    environment = {
        **os.environ,
        "LD_PRELOAD": str(workplace / "redirect.so"),
        "LOGIN_RECORDS": str(folder),
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(
        [python, "-c", READER, module, name],
        env=environment,
        cwd=workplace,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout.splitlines()


def both(workplace: Path, folder: Path, name: str) -> list[str]:
    """What both say, which must be the same."""
    status, theirs = run(workplace, folder, name, original=True)
    assert status == 0, theirs[-3:]
    assert run(workplace, folder, name, original=False) == (0, theirs)
    return theirs


def glibc_files() -> list[tuple[str, Path]]:
    folders = [ROOT / "fixtures/glibc-x86_64", ROOT / "fixtures/linux-glibc-384-le"]
    folders += [ROOT / "fixtures/linux-lastlog-292-le"]
    folders += [CORPUS / "centos7-x86_64", CORPUS / "ubuntu22-x86_64", CORPUS / "generated/x86_64"]
    found = []
    for folder in folders:
        for name in ("utmp", "wtmp", "btmp", "btmp.1", "lastlog"):
            if (folder / name).is_file():
                found.append((name.split(".")[0], folder / name))
    return found


@pytest.mark.parametrize(("name", "file"), glibc_files(), ids=lambda value: str(value)[-40:])
def test_every_attribute_of_every_entry(
    workplace: Path, tmp_path: Path, name: str, file: Path
) -> None:
    (tmp_path / name).symlink_to(file)
    status, theirs = run(workplace, tmp_path, name, original=True)
    _, ours = run(workplace, tmp_path, name, original=False)
    assert status == 0
    if name == "lastlog":
        # Its microseconds come from memory it never set.
        theirs, ours = [[line.split("datetime")[0] for line in lines] for lines in (theirs, ours)]
    assert ours == theirs
    assert len(ours) > 1


def test_records_of_every_kind(workplace: Path, tmp_path: Path) -> None:
    records = [
        RECORD.pack(
            ut_type,
            (-1, 0, 77)[i % 3],
            b"l" * (i % 33),
            b"abcd"[: i % 5],
            b"u\0rest" if i % 7 == 0 else b"u" * (i % 33),
            b"h" * (i % 257),
            i % 5,
            -i,
            (-3, 0, 2**31 - 1)[i % 3],
            (i * 7_919_777) % 2**32 - 2**31,
            (0, 999_999, 1_000_000, -1, 2**31 - 1, -(2**31))[i % 6],
            (bytes(16), bytes([192, 0, 2, i % 256]).ljust(16, b"\0"), bytes(range(1, 17)))[i % 3],
        )
        for i, ut_type in enumerate([*range(12), -1, 255, 1000] * 100)
    ]
    records += [bytes(384)] * 3
    (tmp_path / "wtmp").write_bytes(b"".join(records))
    lines = both(workplace, tmp_path, "wtmp")
    assert lines[0] == "pyutmpx.wtmp /var/log/wtmp"
    # The numbers 0 to 9 are known; whatever else, and what is all zero, is left out.
    assert lines[-1] == "end 1000"


@pytest.mark.parametrize("name", ["utmp", "wtmp", "btmp"])
def test_no_file(workplace: Path, tmp_path: Path, name: str) -> None:
    lines = both(workplace, tmp_path, name)
    assert lines[1].startswith("FileNotFoundError /var/")


def test_no_lastlog(workplace: Path, tmp_path: Path) -> None:
    theirs = run(workplace, tmp_path, "lastlog", original=True)[1]
    ours = run(workplace, tmp_path, "lastlog", original=False)[1]
    assert theirs[1].startswith("SystemError")  # the FileNotFoundError is its cause
    assert ours[1] == "FileNotFoundError /var/log/lastlog"


@pytest.mark.parametrize("name", ["utmp", "wtmp", "btmp", "lastlog"])
def test_an_empty_file(workplace: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert both(workplace, tmp_path, name)[1:] == ["end 0"]


@pytest.mark.parametrize("name", ["wtmp", "lastlog"])
def test_a_file_cut_short_crashes_the_original(workplace: Path, tmp_path: Path, name: str) -> None:
    whole = RECORD.pack(7, 1, b"tty1", b"1", b"alice", b"", 0, 0, 0, 1_700_000_000, 0, bytes(16))
    if name == "lastlog":
        whole = SLOT.pack(1_700_000_000, b"tty1", b"")
    (tmp_path / name).write_bytes(whole * 3 + whole[:100])
    status, _ = run(workplace, tmp_path, name, original=True)
    print(f"the original on a {name} cut short: ended by signal {-status}")
    assert status < 0
    status, ours = run(workplace, tmp_path, name, original=False)
    assert (status, ours[-1]) == (0, "end 3")


def test_a_long_repr_crashes_the_original(workplace: Path, tmp_path: Path) -> None:
    host = b"\x01" * 256  # four characters each in the repr, into 1024 bytes
    record = RECORD.pack(7, 1, b"tty1", b"1", b"alice", host, 0, 0, 0, 0, 1, bytes(16))
    (tmp_path / "wtmp").write_bytes(record)
    status, _ = run(workplace, tmp_path, "wtmp", original=True)
    print(f"the original on a long repr: ended by signal {-status}")
    assert status < 0
    status, ours = run(workplace, tmp_path, "wtmp", original=False)
    assert (status, ours[-1]) == (0, "end 1")


def test_text_that_is_no_utf8(workplace: Path, tmp_path: Path) -> None:
    record = RECORD.pack(7, 1, b"tty1", b"1", b"jos\xe9", b"", 0, 0, 0, 0, 1, bytes(16))
    (tmp_path / "btmp").write_bytes(record)
    assert both(workplace, tmp_path, "btmp")[1:] == [r"UnicodeDecodeError b'jos\xe9'"]
