"""What the register gives, as the validators and parsers of others find it: frictionless, SHACL, citation-js."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.clients.conftest import HERE, run
from tests.support.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.clients]


def got(server: Server, path: str) -> bytes:
    """What is at a path."""
    with server.client() as client:
        response = client.get(path)
        assert response.status_code == 200, response.text
        return response.content


# -- the data package --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?partnership=india-japan"])
def test_the_export_is_a_valid_data_package(python: str, live: Server, tmp_path: Path, query: str) -> None:
    """Each table is as its schema says: columns, types, keys, and references to rows that are there."""
    frictionless = Path(python).with_name("frictionless")
    with zipfile.ZipFile(io.BytesIO(got(live, f"/v1/export.zip{query}"))) as archive:
        archive.extractall(tmp_path)
        tables = [name for name in archive.namelist() if name.endswith(".csv")]
    said = run(tmp_path, frictionless, "validate", "datapackage.json")
    assert said.count("VALID") == len(tables) > 10
    # And it would have seen a revision that is no number.
    table = tmp_path / "commitments.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",published,", ",published,some"), encoding="utf-8")
    with pytest.raises(AssertionError, match="type-error"):
        run(tmp_path, frictionless, "validate", "datapackage.json")
    # And a reference to a row that is not there.
    table = tmp_path / "partnerships.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("india-japan", "india-jpan"), encoding="utf-8")
    with pytest.raises(AssertionError, match="foreign-key"):
        run(tmp_path, frictionless, "validate", "datapackage.json")


# -- the catalogue -----------------------------------------------------------------------------------------------------


def test_the_catalogue_is_as_the_shapes_of_dcat_ap_want_it(python: str, live: Server, tmp_path: Path) -> None:
    """The core constraints of DCAT-AP 3.0.1, as the European Commission publishes them; without those for ranges."""
    command = (Path(python).with_name("pyshacl"), "--shapes", HERE / "dcat_ap" / "shapes.ttl", "-df", "json-ld")
    file = tmp_path / "catalog.jsonld"
    file.write_bytes(got(live, "/v1/catalog.jsonld"))
    assert "Conforms: True" in run(tmp_path, *command, file)
    catalogue = json.loads(file.read_bytes())
    del catalogue["dcat:dataset"][0]["dct:title"]
    file.write_text(json.dumps(catalogue))
    with pytest.raises(AssertionError, match="Conforms: False"):
        run(tmp_path, *command, file)


# -- references --------------------------------------------------------------------------------------------------------

SAME_IN_ALL = ("id", "title", "DOI", "language", "container-title")


def read(node: str, live: Server, folder: Path, ending: str) -> tuple[list[dict[str, Any]], Path]:
    """What citation-js reads from all sources in a format, as CSL-JSON, and the file that it writes of it."""
    file, written = folder / f"sources.{ending}", folder / f"written.{ending.removeprefix('csl.')}"
    file.write_bytes(got(live, f"/v1/sources.{ending}"))
    found: list[dict[str, Any]] = json.loads(run(folder, node, HERE / "references.mjs", file, written))
    return found, written


def plan(live: Server, file: Path, media_type: str) -> dict[str, Any]:
    """What would become of the sources if this file were imported."""
    headers = {**live.authorization, "Content-Type": media_type}
    with live.client(**headers) as client:
        response = client.post("/v1/sources/import?dry_run=true", content=file.read_bytes())
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found


def same(name: str, item: dict[str, Any]) -> Any:
    """A field as two items must share it: citation-js spells by percents what in an address is not ASCII, and % too."""
    value = item.get(name)
    return unquote(unquote(value)) if name == "URL" and value else value


def names(item: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    """Who wrote it; a name of one part is the family name to some."""
    return [(each.get("family") or each.get("literal"), each.get("given")) for each in item.get("author", ())]


@pytest.fixture(scope="module")
def ours(live: Server) -> list[dict[str, Any]]:
    """All sources, in our own CSL-JSON."""
    found: list[dict[str, Any]] = json.loads(got(live, "/v1/sources.csl.json"))
    assert len(found) > 500
    return found


def test_csl_json_goes_through_citation_js_and_back(
    node: str, live: Server, tmp_path: Path, ours: list[dict[str, Any]]
) -> None:
    found, written = read(node, live, tmp_path, "csl.json")
    assert found == ours
    totals = plan(live, written, "application/vnd.citationstyles.csl+json")["totals"]
    assert totals["unchanged"] == len(ours) == sum(totals.values())


def test_bibtex_goes_through_citation_js_and_back(
    node: str, live: Server, tmp_path: Path, ours: list[dict[str, Any]]
) -> None:
    found, written = read(node, live, tmp_path, "bib")
    fields = (*SAME_IN_ALL, "URL", "publisher", "issued", "accessed", "note")
    for item, own in zip(found, ours, strict=True):
        assert {name: same(name, item) for name in fields} == {name: same(name, own) for name in fields}
        assert names(item) == names(own)
    outcome = plan(live, written, "application/x-bibtex")
    assert outcome["totals"]["refused"] == outcome["totals"]["created"] == 0
    # BibTeX has one word for every article, and none for a page of a website; citation-js leaves out what is not ASCII.
    changes = [change for record in outcome["records"] for change in record.get("changes", ())]
    assert [
        each for each in changes if each["field"] != "type" and each["old"].isascii() and "%" not in each["old"]
    ] == []


def test_ris_is_read_by_citation_js(node: str, live: Server, tmp_path: Path, ours: list[dict[str, Any]]) -> None:
    """It is not sent back: citation-js breaks its lines in the middle of words, as no other program reads them.

    It knows the day and the publisher of some types only, and calls who wrote for a newspaper a reporter.
    """
    found, _ = read(node, live, tmp_path, "ris")
    fields = (*SAME_IN_ALL, "URL", "note")
    for item, own in zip(found, ours, strict=True):
        assert {name: item.get(name) for name in fields} == {name: own.get(name) for name in fields}
        if "issued" in own:
            assert item["issued"]["date-parts"][0][0] == own["issued"]["date-parts"][0][0]
