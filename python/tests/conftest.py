from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def in_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """The expected outputs, the README and the doctests name fixtures from the root."""
    monkeypatch.chdir(ROOT)


def count_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Adds a skip to the list that .ci/run prints at its end."""
    skips = os.environ.get("LOGINREC_SKIPS")
    if skips and report.skipped and isinstance(report.longrepr, tuple):
        file, line, why = report.longrepr
        with open(skips, "a") as list_of_skips:
            list_of_skips.write(f"{why} ({Path(file).name}:{line})\n")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    count_skip(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    count_skip(report)
