"""Schemathesis at the bounds of each parameter, with the token."""

from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.schemathesis_run import assert_nothing_found


@pytest.mark.slow
def test_schemathesis_finds_nothing_at_the_bounds(databases: Databases, tmp_path: Path) -> None:
    assert_nothing_found(databases, tmp_path, "coverage", on="sqlite")
