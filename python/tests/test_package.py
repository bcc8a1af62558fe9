"""What is in the package besides code."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import loginrec

ROOT = Path(__file__).resolve().parents[2]


def test_license_texts_are_those_of_the_repository() -> None:
    # A wheel takes files from its own folder only.
    for name in ("LICENSE-APACHE", "LICENSE-MIT"):
        assert (ROOT / "python" / name).read_bytes() == (ROOT / name).read_bytes()


def test_version() -> None:
    try:
        installed = metadata.distribution("loginrec")
    except metadata.PackageNotFoundError:
        return  # Tried from its folder.
    assert loginrec.__version__ == installed.version
    files = {Path(str(file)).name for file in installed.files or ()}
    assert {"LICENSE-APACHE", "LICENSE-MIT", "py.typed"} <= files
