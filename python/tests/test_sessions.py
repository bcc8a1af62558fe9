"""sessions(): the library's pairing, with the places of both records."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

import loginrec

LOG = "fixtures/freebsd-utx-log/utx.log"


def test_every_session_joins_two_records() -> None:
    records = {record.offset: record for record in loginrec.open(LOG)}
    sessions = loginrec.sessions(LOG)
    logins = [offset for offset, record in records.items() if record.event == "login"]
    assert sorted(session.offset for session in sessions) == logins
    for session in sessions:
        login = records[session.offset]
        assert (session.user, session.line, session.host) == (login.user, login.line, login.host)
        assert (session.login, session.path) == (login.time, LOG)
        if session.how == "open":
            assert session.logout_offset is session.logout is session.duration is None
            continue
        assert session.logout_offset is not None
        closing = records[session.logout_offset]
        assert (session.logout, session.logout_path) == (closing.time, LOG)
        assert session.logout is not None
        assert session.login is not None
        assert session.duration == session.logout - session.login
        if session.how == "logout":
            # FreeBSD pairs by the token.
            assert closing.event == "logout"
            assert closing.fields["fu_id"] == login.fields["fu_id"]


def test_what_the_readme_of_the_command_line_shows() -> None:
    [alice] = [session for session in loginrec.sessions(LOG) if session.user == "alice"]
    assert (alice.offset, alice.logout_offset, alice.how) == (71, 244, "logout")
    assert alice.host == "client.example.org"
    assert alice.duration is not None
    assert timedelta(minutes=16, seconds=20) <= alice.duration < timedelta(minutes=16, seconds=21)


def test_sessions_go_on_from_one_file_into_the_next(tmp_path: Path) -> None:
    whole = Path("fixtures/linux-glibc-400-le/wtmp")
    data = whole.read_bytes()
    sessions = loginrec.sessions(whole)
    facts = [(s.user, s.line, s.login, s.logout, s.how) for s in sessions]
    half = len(data) // 800 * 400
    new, old = tmp_path / "wtmp", tmp_path / "wtmp.1"
    old.write_bytes(data[:half])
    new.write_bytes(data[half:])
    # In whatever order they are named.
    for order in ((old, new), (new, old)):
        parted = loginrec.sessions(*order, layout="linux-glibc-400-le")
        assert [(s.user, s.line, s.login, s.logout, s.how) for s in parted] == facts
    assert {s.path for s in parted} <= {str(old), str(new)}
    assert loginrec.sessions(data)[0].path is None


@pytest.mark.parametrize("name", ["glibc-x86_64/btmp", "linux-lastlog-292-le/lastlog"])
def test_what_has_no_sessions(name: str) -> None:
    with pytest.raises(loginrec.WrongKindError):
        loginrec.sessions(f"fixtures/{name}")


def test_cut_short() -> None:
    data = Path("fixtures/glibc-x86_64/wtmp").read_bytes()
    with pytest.warns(loginrec.DamageWarning, match="record cut short"):
        loginrec.sessions(data[:-1])
    with pytest.raises(loginrec.TruncatedError):
        loginrec.sessions(data[:-1], damage="raise")
