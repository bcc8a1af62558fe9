"""loginrec.pyutmpx03: the documentation until 0.3.1, and the original of that release."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import time
import venv
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from loginrec import pyutmpx, pyutmpx03

UTMP = "fixtures/glibc-x86_64/utmp"
#: What the documentation lists.
DOCUMENTED = {
    "BOOT_TIME": 1,
    "OLD_TIME": 2,
    "NEW_TIME": 3,
    "USER_PROCESS": 4,
    "INIT_PROCESS": 5,
    "LOGIN_PROCESS": 6,
    "DEAD_PROCESS": 7,
}
CLASSES = {"utmp", "lastlog", "utmp_entry", "lastlog_entry", "version"}


def test_names() -> None:
    assert {name: getattr(pyutmpx03, name) for name in DOCUMENTED} == DOCUMENTED
    assert set(pyutmpx03.__all__) == {*DOCUMENTED, *CLASSES}
    assert {name for name in dir(pyutmpx03) if not name.startswith("__")} == set(pyutmpx03.__all__)
    assert {name for name in dir(pyutmpx) if not name.startswith("__")} == set(pyutmpx.__all__)
    assert "open" not in pyutmpx.__all__


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="no tzset")
@pytest.mark.parametrize("zone", ["UTC", "XST-03:30", "EST5EDT,M3.2.0,M11.1.0"])
def test_times_are_naive_and_local(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        aware = [e for e in pyutmpx.open(UTMP) if e.type in DOCUMENTED.values()]
        naive = list(pyutmpx03.open(UTMP))
        assert len(aware) == len(naive) > 0
        for one, other in zip(aware, naive):
            assert other.time.tzinfo is None
            local = time.localtime(one.time.timestamp())
            assert other.time.timetuple()[:6] == local[:6]
            assert other.time.microsecond == one.time.microsecond
            assert isinstance(datetime.now() - other.time, timedelta)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_other_types_are_left_out() -> None:
    types = [entry.type for entry in pyutmpx.open(UTMP, all=True)]
    assert set(types) - set(DOCUMENTED.values())
    assert {entry.type for entry in pyutmpx03.open(UTMP)} <= set(DOCUMENTED.values())


def test_missing_files_have_no_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(kind: str) -> Any:
        raise FileNotFoundError(2, "No such file or directory", f"/var/run/{kind}")

    monkeypatch.setattr(pyutmpx03, "_read_system", missing)
    assert list(pyutmpx03.utmp) == list(pyutmpx03.lastlog) == []
    # Documented as classes, used as objects: both work.
    assert list(pyutmpx03.utmp()) == list(pyutmpx03.lastlog()) == []
    assert repr(pyutmpx03.utmp) == "pyutmpx.utmp"


def test_entries_are_values() -> None:
    entry = next(iter(pyutmpx03.open(UTMP)))
    assert pickle.loads(pickle.dumps(entry)) == entry
    assert entry != pyutmpx03.utmp_entry()
    assert pyutmpx03.utmp_entry().user is None
    with pytest.raises(AttributeError):
        entry.user = "mallory"
    with pytest.raises(TypeError):
        pyutmpx03.utmp_entry(uid=1)
    last = next(iter(pyutmpx03.open("fixtures/linux-lastlog-292-le/lastlog")))
    assert (last.uid, last.time.tzinfo) == (0, None)


PROBE = """
import datetime, importlib, json, sys
pyutmpx = importlib.import_module(sys.argv[1])
time = datetime.datetime(2020, 1, 2, 3, 4, 5)
values = dict(type=7, user="u", host="h", line="l", id="i", pid=5, time=time)
shown = [repr(pyutmpx.utmp_entry(**values)), repr(pyutmpx.utmp_entry())]
shown += [repr(pyutmpx.utmp_entry(type=number)) for number in range(1, 8)]
shown += [repr(pyutmpx.utmp_entry(type=99)), repr(pyutmpx.utmp_entry(user="", pid=0))]
shown += [repr(pyutmpx.lastlog_entry(uid=3, host="h", line="l", time=time))]
shown += [repr(pyutmpx.utmp), repr(pyutmpx.lastlog)]
shown += sorted(name for name in dir(pyutmpx) if not name.startswith("__"))
shown += [sorted(n for n in dir(pyutmpx.utmp_entry()) if not n.startswith("_"))]
shown += [sorted(n for n in dir(pyutmpx.lastlog_entry()) if not n.startswith("_"))]
try:
    pyutmpx.utmp_entry(x=1)
except TypeError as error:
    shown.append(str(error))
print(json.dumps(shown))
"""


def test_the_original(tmp_path: Path) -> None:
    """Names, representations and attributes are those of the release itself."""
    venv.create(tmp_path / "python", with_pip=True)
    python = tmp_path / "python" / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [python, "-m", "pip", "install", "-q", "pyutmpx==0.3.1"]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"pyutmpx cannot be installed: {done.stderr.strip().splitlines()[-1:]}")

    def shown(python: str | Path, module: str) -> list[Any]:
        command = [str(python), "-c", PROBE, module]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
        lines: list[Any] = json.loads(found.stdout)
        return lines

    assert shown(sys.executable, "loginrec.pyutmpx03") == shown(python, "pyutmpx")
