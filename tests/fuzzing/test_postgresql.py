"""Schemathesis with the token, on PostgreSQL."""

from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.schemathesis_run import assert_nothing_found


@pytest.mark.slow
@pytest.mark.postgresql
def test_schemathesis_finds_nothing_on_postgresql(databases: Databases, tmp_path: Path) -> None:
    assert_nothing_found(databases, tmp_path, "examples,fuzzing", on="postgresql", seconds=40)
