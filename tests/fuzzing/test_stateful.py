"""Schemathesis from one answer to the next request, with the token."""

from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.schemathesis_run import assert_nothing_found


@pytest.mark.slow
def test_schemathesis_finds_nothing_in_what_leads_on(databases: Databases, tmp_path: Path) -> None:
    assert_nothing_found(databases, tmp_path, "stateful", on="sqlite")
