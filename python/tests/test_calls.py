"""How calls behave: Ctrl-C, the interpreter lock, where warnings point, what messages name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any, Callable

import pytest

import loginrec

WTMP = Path("fixtures/glibc-x86_64/wtmp")

CALLS: dict[str, Callable[[Path], Any]] = {
    "table": lambda path: len(loginrec.table(path, keep=False)),
    "sessions": lambda path: list(loginrec.sessions(path)),
    "boots": lambda path: list(loginrec.boots(path)),
    "timeline": lambda path: list(loginrec.timeline(path)),
    "audit": lambda path: list(loginrec.audit(path)),
    "summary": lambda path: list(loginrec.summary(path)),
    "carve": loginrec.carve,
    "iterate": lambda path: list(loginrec.open(path)),
}


@pytest.fixture(scope="module")
def long_wtmp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that no call is done with in half a second."""
    root = Path(__file__).resolve().parents[2]
    data = (root / WTMP).read_bytes() * 100
    path = tmp_path_factory.mktemp("long") / "wtmp"
    with path.open("wb") as file:
        for _ in range(500):
            file.write(data)
    return path


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT to send")
@pytest.mark.parametrize("name", CALLS)
def test_ctrl_c_ends_a_call(name: str, long_wtmp: Path) -> None:
    sent: list[float] = []

    def interrupt() -> None:
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.1, interrupt)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        CALLS[name](long_wtmp)
    # 0.2 s by the clock of a machine with nothing else to do; this one may be busy.
    assert time.monotonic() - sent[0] < 2
    timer.join()


def test_other_threads_run_meanwhile(long_wtmp: Path) -> None:
    count = 0
    stop = threading.Event()

    def work() -> None:
        nonlocal count
        while not stop.is_set():
            count += 1
            time.sleep(0.001)

    thread = threading.Thread(target=work)
    thread.start()
    begin = time.monotonic()
    len(loginrec.table(long_wtmp, columns=["user", "time"], keep=False))
    lasted = time.monotonic() - begin
    stop.set()
    thread.join()
    assert count > lasted * 10


def test_warnings_point_at_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "wtmp"
    path.write_bytes(WTMP.read_bytes()[:1000])
    calls: list[Callable[[], Any]] = [
        lambda: list(loginrec.open(path)),
        lambda: loginrec.open(path)[0],
        lambda: loginrec.table(path),
        lambda: loginrec.sessions(path),
        lambda: loginrec.boots(path),
        lambda: loginrec.timeline(path),
        lambda: loginrec.summary(path),
        lambda: list(loginrec.pyutmpx.open(path)),
        lambda: loginrec.table(WTMP, tmp_path / "nothing"),
    ]
    for call in calls:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            call()
        for one in caught:
            assert (one.filename, one.lineno) == (__file__, call.__code__.co_firstlineno)
    with pytest.warns(loginrec.DamageWarning) as warned:
        list(loginrec.open(path))
    assert len(warned) == 1


def test_warnings_through_other_libraries_point_at_the_program(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    path = tmp_path / "wtmp"
    path.write_bytes(WTMP.read_bytes()[:1000])
    table = loginrec.table(path, keep=False)
    with pytest.warns(loginrec.DamageWarning) as warned:
        assert polars.DataFrame(table).height == 2
    assert warned[0].filename == __file__


def test_messages_name_the_argument(tmp_path: Path) -> None:
    # One slot of a lastlog fits several platforms.
    slot = Path("fixtures/linux-lastlog-292-le/lastlog").read_bytes()
    ambiguous = None
    for name in sorted(Path("fixtures").glob("*/lastlog")):
        data = name.read_bytes()
        found = loginrec.detect(data)
        if found.verdict == "ambiguous":
            ambiguous = data
    if ambiguous is not None:
        with pytest.raises(loginrec.AmbiguousError, match="layout=") as caught:
            loginrec.open(ambiguous)
        assert len(caught.value.layouts) > 1
    with pytest.raises(loginrec.WrongKindError, match="kind="):
        loginrec.lastlog(WTMP)
    assert slot


def test_every_os_error_has_a_number(tmp_path: Path) -> None:
    text = tmp_path / "file"
    text.write_text("text")
    for path in (tmp_path / "nothing", text / "below", tmp_path / ("n" * 300)):
        for call in (loginrec.open, loginrec.detect, loginrec.carve, loginrec.table):
            with pytest.raises(OSError) as caught:  # noqa: PT011
                call(path)
            assert isinstance(caught.value.errno, int)
            assert caught.value.filename == str(path)
    with pytest.raises(IsADirectoryError) as caught:
        loginrec.open(tmp_path)
    assert isinstance(caught.value.errno, int)


def test_importing_takes_little() -> None:
    program = "import sys; before = set(sys.modules); import loginrec; "
    program += "print(*sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    # What takes long: 24 of 27 ms were the version, from the package's metadata.
    slow = {"importlib.metadata", "typing", "re", "datetime", "tempfile", "json", "glob"}
    assert not slow & set(loaded), slow & set(loaded)
