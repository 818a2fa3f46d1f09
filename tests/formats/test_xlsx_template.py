"""The sheet to fill in: what it offers, and that what is filled in can be read."""

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from app.core.importing import Unreadable
from app.core.resource import Resource
from app.formats import xlsx, xlsx_reading
from app.formats.format import File
from app.formats.input_columns import input_columns
from app.resources import ALL, CATALOGUE

COMMITMENTS = CATALOGUE.by_name["commitments"]
MOMENT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
REFERENCE = {"id": "x", "slug": "india-japan", "title": "India and Japan"}
RECORD: Mapping[str, Any] = {
    **dict.fromkeys(COMMITMENTS.fields),
    "slug": "a-promise",
    "title": "A promise",
    "kind": "target",
    "due_on": "2030-12",
    "partnership": REFERENCE,
    "themes": [{**REFERENCE, "slug": "trade"}, {**REFERENCE, "slug": "energy"}],
    "recommendations": [],
    "participants": [{"role": "accountable", "stakeholder": {**REFERENCE, "slug": "mea"}}],
    "sources": [{**REFERENCE, "slug": "aaj-2026"}],
    "reporters": [],
}


def template(resource: Resource, *records: Mapping[str, Any]) -> bytes:
    """The workbook to fill in."""
    return b"".join(xlsx.write(File(resource, options=frozenset({"template"})), [records]))


def test_it_has_the_columns_that_can_be_written_the_required_first() -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(template(COMMITMENTS, RECORD)))
    assert book.sheet_names == ["commitments", "Examples", "Lists", "About"]
    (head,) = book.get_sheet_by_index(0).to_python()
    assert set(head) == set(input_columns(COMMITMENTS))
    assert set(head[:3]) == {"partnership", "title", "kind"}
    lists = book.get_sheet_by_name("Lists").to_python()
    kinds = lists[0].index("kind")
    assert lists[1][kinds : kinds + 2] == ["deliverable", "Deliverable"]
    assert all(row[kinds + 2] for row in lists[1:6])
    partnerships = lists[0].index("partnership")
    assert lists[1][partnerships : partnerships + 2] == ["india-japan", "India and Japan"]


def test_a_vocabulary_can_be_chosen_from() -> None:
    with zipfile.ZipFile(io.BytesIO(template(COMMITMENTS, RECORD))) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    lists = re.findall(r'<dataValidation type="list"[^>]*errorStyle="warning"[^>]*>', sheet)
    vocabularies = [column for column in input_columns(COMMITMENTS).values() if column.vocabulary]
    assert len(lists) == len(vocabularies) + 1  # and the partnership that the record has
    assert 'promptTitle="due_on"' in sheet


def test_its_examples_can_be_read_and_are_not_imported() -> None:
    raw = template(COMMITMENTS, RECORD, RECORD, RECORD)
    assert list(xlsx_reading.read(COMMITMENTS, io.BytesIO(raw))) == []
    head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_name("Examples").to_python()
    assert len(rows) == 2
    first = dict(zip(head, rows[0], strict=True))
    assert (first["due_on"], first["themes"], first["citations"]) == ("2030-12", "trade; energy", "aaj-2026")
    assert first["participants"] == "accountable=mea"


@pytest.mark.parametrize("resource", ALL, ids=lambda each: each.name)
def test_every_resource_has_one_even_where_it_has_no_records(resource: Resource) -> None:
    raw = template(resource)
    assert list(xlsx_reading.read(resource, io.BytesIO(raw))) == []
    with pytest.raises(Unreadable, match="no column"):
        list(
            xlsx_reading.read(
                CATALOGUE.by_name["observations" if resource.name != "observations" else "themes"], io.BytesIO(raw)
            )
        )


def test_the_same_examples_give_the_same_bytes_whenever_they_are_written() -> None:
    for records in ([], [RECORD], [RECORD, {**RECORD, "updated_at": MOMENT}]):
        raw = template(COMMITMENTS, *records)
        when = re.search(rb"<dcterms:created[^>]*>([^<]*)<", zipfile.ZipFile(io.BytesIO(raw)).read("docProps/core.xml"))
        assert when is not None
        assert when[1] in (b"1980-01-01T00:00:00Z", b"2026-11-24T09:30:00Z")
