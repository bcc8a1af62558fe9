from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def in_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """The expected outputs, the README and the doctests name fixtures from the root."""
    monkeypatch.chdir(ROOT)
