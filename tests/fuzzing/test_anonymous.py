"""Schemathesis as anybody."""

from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.schemathesis_run import assert_nothing_found


@pytest.mark.slow
def test_schemathesis_finds_nothing_as_anybody(databases: Databases, tmp_path: Path) -> None:
    assert_nothing_found(databases, tmp_path, "examples,fuzzing", on="sqlite", anonymous=True, seconds=40)
