"""Tables in LibreOffice, where it is installed: every script and every month arrives as it was."""

import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from app.formats import FORMATS
from app.formats.csv import restore
from app.formats.format import File
from app.resources import CATALOGUE

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
AS_UTF_8 = "Text - txt - csv (StarCalc):44,34,76"
TITLES = ["한국과 인도의 약속", "भारत गणराज्य", "日本", "=1+1", "@SUM(A1)", "2018-07", "0012", "<r>1</r>"]


@pytest.mark.slow
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize(("ending", "options"), [("csv", {"bom"}), ("xlsx", set())])
def test_a_table_opens_as_it_was(tmp_path: Path, ending: str, options: set[str]) -> None:
    assert OFFICE is not None
    table = tmp_path / f"sources.{ending}"
    records = [{"title": title, "issued": "2018-07"} for title in TITLES]
    file = File(CATALOGUE.by_name["sources"], ("title", "issued"), frozenset(options))
    table.write_bytes(b"".join(FORMATS[ending].write(file, [records])))
    # What it has read, it writes again as it shows it.
    subprocess.run(
        [
            OFFICE,
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            *(["--infilter=" + AS_UTF_8] if ending == "csv" else []),
            "--convert-to",
            f"csv:{AS_UTF_8}",
            "--outdir",
            str(tmp_path / "read"),
            str(table),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    with (tmp_path / "read" / "sources.csv").open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [restore(row["title"]) if ending == "csv" else row["title"] for row in rows] == TITLES
    assert {restore(row["issued"]) for row in rows} == {"2018-07"}
