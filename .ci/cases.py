#!/usr/bin/env python3
"""Runs the cases of ../shared/cases with a binary: .ci/cases.py LOGINREC [--add]

Fails if a case fails that .ci/cases lists, or if a case was taken off that list, which only
grows. --add adds the cases that pass now.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / ".ci/cases"
SHARED = ROOT / "../shared/cases"


def skip(why):
    """As skip in .ci/skip.sh."""
    print("skipped:", why)
    if "LOGINREC_SKIPS" in os.environ:
        with open(os.environ["LOGINREC_SKIPS"], "a") as skips:
            print(why, file=skips)


def ever_listed():
    """Every name that any commit has put on the list."""
    if not (ROOT / ".git").exists():
        skip("no git history: whether .ci/cases only grows is not checked")
        return set()
    log = ["git", "log", "--format=", "--unified=0", "--patch", "--", ".ci/cases"]
    out = subprocess.run(log, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {line[1:] for line in out.splitlines() if line.startswith("+") and line[1:2] != "+"}


def failures(binary):
    """What check.py says of each case that fails."""
    check = [sys.executable, str(SHARED / "check.py"), binary, str(SHARED / "cases")]
    done = subprocess.run(check, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    if not lines or not lines[-1].endswith(" failed"):
        sys.exit(f"check.py broke: {done.stderr}")
    return dict(line.split(": ", 1) for line in lines[:-1])


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--add"]):
        sys.exit(__doc__)
    listed = LIST.read_text().split()
    if listed != sorted(set(listed)):
        sys.exit(".ci/cases is not in order")
    if not SHARED.parent.is_dir():
        return skip("there is no ../shared: its cases are not tried")
    there = {place.parent.name for place in (SHARED / "cases").glob("*/case.json")}
    failed = failures(os.path.abspath(sys.argv[1]))
    passed = there - failed.keys()
    wrong = [f"{name}: {failed[name]}" for name in listed if name in failed]
    wrong += [f"{name}: there is no such case" for name in listed if name not in there]
    taken = sorted((ever_listed() & there) - set(listed))
    wrong += [f"{name}: taken off the list, which only grows" for name in taken]
    more = sorted(passed - set(listed))
    print(f"{len(listed)} cases listed, {len(more)} more pass, {len(there - passed)} fail")
    if "--add" in sys.argv:
        LIST.write_text("".join(f"{name}\n" for name in sorted(passed | set(listed))))
    elif more:
        print("to be added (.ci/cases.py LOGINREC --add):", *more)
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
