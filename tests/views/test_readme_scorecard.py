"""The scorecard that the README shows is the one that the bundled register has."""

import re
from datetime import date
from pathlib import Path

from tests.support.databases import Databases
from tests.support.register import application
from tests.support.scorecard_table import BEGIN, END, scorecard_table

README = Path(__file__).parents[2] / "README.md"
DAY = date(2026, 11, 22)


def test_the_readme_shows_the_scorecard_of_the_bundled_register(databases: Databases, backend: str) -> None:
    settings = databases.bundled(backend).model_copy(update={"today": DAY})
    with application(settings) as register:
        table = scorecard_table(register.get("/v1/partnerships/india-south-korea/scorecard").json())
    shown = re.search(f"{BEGIN}.*?{END}", README.read_text(encoding="utf-8"), re.DOTALL)
    assert shown, f"README.md needs this between its markers:\n{table}"
    assert shown.group() == table
