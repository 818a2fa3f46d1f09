"""The scorecards that the README shows are those that the bundled registers have."""

import re
from datetime import date
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.register import application
from tests.support.scorecard_table import BEGIN, END, scorecard_table

README = Path(__file__).parents[2] / "README.md"
DAY = date(2026, 11, 24)
COMPARISON = "/v1/compare?partnership=india-south-korea&partnership=india-japan"


@pytest.mark.slow
def test_the_readme_shows_the_scorecards_of_the_bundled_registers(databases: Databases, backend: str) -> None:
    settings = databases.bundled(backend).model_copy(update={"today": DAY})
    with application(settings) as register:
        table = scorecard_table(register.get(COMPARISON).json()["data"])
    shown = re.search(f"{BEGIN}.*?{END}", README.read_text(encoding="utf-8"), re.DOTALL)
    assert shown, f"README.md needs this between its markers:\n{table}"
    assert shown.group() == table
