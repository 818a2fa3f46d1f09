"""The program as it is where the pysqlite3 package has no wheel: with Python's own SQLite, which may have the fault."""

import sqlite3

import pytest

from app.core.storage.sqlite import SOUND

PROGRAM = "import sys; sys.modules['pysqlite3'] = None; from app.cli import main; main()"
"""What `python -c` runs."""


def require_the_fault() -> None:
    """Skip a test where Python's own SQLite has no fault, and is therefore run as any other."""
    if sqlite3.sqlite_version_info >= SOUND:
        pytest.skip("Python's own SQLite is sound here")
