"""The examples of the README are tests."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest


def test_readme() -> None:
    pytest.importorskip("polars")
    readme = Path(__file__).resolve().parents[1] / "README.md"
    result = doctest.testfile(str(readme), module_relative=False, encoding="utf-8")
    assert result.attempted > 8
    assert result.failed == 0
