"""audit(): the library's findings, with their places."""

from __future__ import annotations

from pathlib import Path

import loginrec

WTMP = Path("fixtures/linux-glibc-400-le/wtmp")


def test_a_record_wiped_by_a_cleaner(tmp_path: Path) -> None:
    data = bytearray(WTMP.read_bytes())
    data[800:1200] = bytes(400)
    path = tmp_path / "wtmp"
    path.write_bytes(data)
    [wiped] = [found for found in loginrec.audit(path) if found.rule == "zeroed-record"]
    assert (wiped.index, wiped.offset, wiped.raw) == (2, 800, bytes(400))
    assert (wiped.severity, wiped.technique, wiped.path) == ("medium", "T1070.002", str(path))
    assert wiped.innocent
    row = wiped.to_dict()
    assert row["bytes"] == wiped.raw.hex()
    for key in ("rule", "severity", "title", "index", "offset", "message", "expected", "more"):
        assert row[key] == getattr(wiped, key)
    assert "zeroed-record" in repr(wiped)


def test_damage_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "wtmp"
    path.write_bytes(WTMP.read_bytes()[:1000])
    found = {finding.rule: finding for finding in loginrec.audit(path)}
    assert found["partial-record"].offset == 800
    # A file that lost its first bytes is read from its next whole record on.
    path.write_bytes(Path("fixtures/glibc-x86_64/wtmp").read_bytes()[100:])
    assert loginrec.open(path).layout == "linux-glibc-384-le"
    assert "grid-shift" in {finding.rule for finding in loginrec.audit(path)}


def test_files_are_compared(tmp_path: Path) -> None:
    btmp = tmp_path / "btmp"
    wtmp = tmp_path / "wtmp"
    wtmp.write_bytes(WTMP.read_bytes())
    login = next(record for record in loginrec.open(wtmp) if record.event == "login")
    assert login.user
    name = login.user.encode()
    utmp = tmp_path / "utmp"
    utmp.write_bytes(login.raw.replace(name, b"mallory".ljust(len(name), b"\0")[: len(name)]))
    btmp.touch()
    alone = {finding.rule for finding in loginrec.audit(wtmp)}
    together = {finding.rule for finding in loginrec.audit(wtmp, btmp, utmp)}
    assert "name-differs" in together - alone


def test_nothing() -> None:
    assert loginrec.audit() == []
    assert loginrec.audit(b"") == []
