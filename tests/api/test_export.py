"""The whole register as a file: one snapshot, who sees what in it, and what describes it."""

import csv
import io
import json
import zipfile

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.support.register import Register


@pytest.fixture
def register(backend: str, small_registers: dict[str, Register]) -> Register:
    """A part of the bundled registers, which is left as it is."""
    return small_registers[backend]


def test_the_files_of_an_export_say_the_same(register: Register) -> None:
    lines = [json.loads(line) for line in register.get("/v1/export.jsonl").content.splitlines()]
    head, records = lines[0], lines[1:]
    assert head == {"format": "followthrough-bundle/1", "title": "Followthrough", "licence": "CC-BY-4.0"}
    whole = yaml.load(register.get("/v1/export.yaml").content, Loader=yaml.CBaseLoader)  # noqa: S506 (texts and no more)
    archive = zipfile.ZipFile(io.BytesIO(register.get("/v1/export.zip").content))
    assert archive.read("bundle.jsonl") == register.get("/v1/export.jsonl").content
    for name in {record["resource"] for record in records}:
        slugs = [record["slug"] for record in records if record["resource"] == name]
        assert [record["slug"] for record in whole[name]] == slugs
        table = csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode()))
        assert [row["slug"] for row in table] == slugs


def test_the_package_describes_its_tables(register: Register) -> None:
    archive = zipfile.ZipFile(io.BytesIO(register.get("/v1/export.zip").content))
    assert {"README.md", "LICENSE", "CITATION.cff", "datapackage.json", "bundle.jsonl"} <= set(archive.namelist())
    package = json.loads(archive.read("datapackage.json"))
    for table in package["resources"]:
        (header,) = list(csv.reader(io.StringIO(archive.read(table["path"]).decode())))[:1]
        assert [field["name"] for field in table["schema"]["fields"]] == header
        for key in table["schema"].get("foreignKeys", ()):
            assert set(key["fields"]) <= set(header)
            assert key["reference"]["resource"] in {each["name"] for each in package["resources"]}
    commitments = next(table for table in package["resources"] if table["name"] == "commitments")
    assert {"fields": ["partnership"], "reference": {"resource": "partnerships", "fields": ["slug"]}} in (
        commitments["schema"]["foreignKeys"]
    )
    assert yaml.safe_load(archive.read("CITATION.cff"))["license"] == "CC-BY-4.0"


def test_an_export_of_one_partnership_holds_it_and_what_it_refers_to(register: Register) -> None:
    lines = register.get("/v1/export.jsonl?partnership=india-south-korea").content.splitlines()
    head, *records = [json.loads(line) for line in lines]
    assert head["scope"] == ["india-south-korea"]
    by_resource: dict[str, set[str]] = {}
    for record in records:
        by_resource.setdefault(record["resource"], set()).add(record["slug"])
    assert by_resource["partnerships"] == {"india-south-korea"}
    listed = register.get("/v1/commitments?partnership=india-south-korea&limit=200&count=true").json()
    assert len(by_resource["commitments"]) == listed["total"]
    for record in records:
        if record["resource"] == "commitments":
            assert record["partnership"] == "india-south-korea"
            assert set(record.get("themes", ())) <= by_resource["themes"]
        if record["resource"] == "citations":
            assert record["source"] in by_resource["sources"]
    unknown = register.get("/v1/export.jsonl?partnership=india-south-koera")
    assert unknown.status_code == 400
    assert "india-south-korea" in unknown.text


@pytest.mark.parametrize("ending", ["jsonl", "yaml", "zip"])
def test_an_export_is_asked_for_again_by_its_tag(register: Register, ending: str) -> None:
    first = register.request("HEAD", f"/v1/export.{ending}")
    assert first.status_code == 200
    tag = {"If-None-Match": first.headers["etag"]}
    assert register.get(f"/v1/export.{ending}", headers=tag).status_code == 304


def test_an_export_is_as_its_schema_says(register: Register) -> None:
    schema = register.get("/v1/schemas/bundle.json").json()
    Draft202012Validator.check_schema(schema)
    line = Draft202012Validator({"$ref": "#/$defs/line", "$defs": schema["$defs"]})
    counted: dict[str, int] = {}
    for text in register.get("/v1/export.jsonl").content.splitlines()[1:]:
        record = json.loads(text)
        counted[record["resource"]] = counted.get(record["resource"], 0) + 1
        if counted[record["resource"]] <= 3:
            line.validate(record)
    for name in counted:
        own = register.get(f"/v1/schemas/{name}.json")
        assert own.headers["content-type"] == "application/schema+json"
        Draft202012Validator.check_schema(own.json())
    assert register.get("/v1/schemas/none.json").status_code == 404
