"""Sources for reference managers: written by us, read back by parsers that know nothing of us."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import bibtexparser
import orjson
import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text

from app.formats import bibtex, csl_json, ris
from app.formats.cited import item_of
from app.formats.format import File, Format
from app.resources import CATALOGUE
from app.resources.sources import SourceType
from tests.support.generated import examples, lines, storable_characters

SOURCES = CATALOGUE.by_name["sources"]
COMMITMENTS = CATALOGUE.by_name["commitments"]

SOURCE: Mapping[str, Any] = {
    "slug": "kashyap-2024",
    "type": "article-newspaper",
    "title": "India & South Korea: 100% of {what} was promised",
    "title_is_description": False,
    "authors": [{"family": "Kashyap", "given": "Anshika"}, {"literal": "Ministry of External Affairs and Trade"}],
    "publisher": "Example House",
    "original_publisher": "Yonhap",
    "container_title": "The Example Times",
    "issued": "2018-07",
    "url": "https://example.org/a_b?c=d&e=%20#f",
    "doi": "10.1000/182_a",
    "language": "en",
    "accessed_on": date(2026, 11, 22),
    "archive_url": None,
    "license": "CC-BY-4.0",
}
UNKNOWN: Mapping[str, Any] = {
    **dict.fromkeys(SOURCE),
    "slug": "home-page",
    "type": "webpage",
    "title": "The home page of an embassy",
    "title_is_description": True,
    "authors": [],
    "archive_url": "https://archive.example/1",
}


def written(format_: Format, *records: Mapping[str, Any], resource: Any = SOURCES, base: str = "") -> bytes:
    """The file of some records."""
    return b"".join(format_.write(File(resource, base=base, licence="https://licence.example/"), [records]))


def bib(*records: Mapping[str, Any], **given: Any) -> list[dict[str, Any]]:
    """The entries of a BibTeX file, as bibtexparser and pylatexenc read them."""
    library = bibtexparser.parse_string(written(bibtex.BIBTEX, *records, **given).decode())
    assert not library.failed_blocks
    return [
        {"ENTRYTYPE": entry.entry_type, "ID": entry.key}
        | {field.key: field.value if field.key in ("url", "doi") else decoded(field.value) for field in entry.fields}
        for entry in library.entries
    ]


DECODER = LatexNodes2Text(keep_braced_groups=False)
UNKNOWN_TO_DECODER = {r"\textbraceleft{}": "\ue000", r"\textbraceright{}": "\ue001", r"\textasciicircum{}": "\ue002"}


def decoded(text: str) -> str:
    """A text of LaTeX as it is printed. An address is not one: it stands as it is."""
    for command, stand_in in UNKNOWN_TO_DECODER.items():
        text = text.replace(command, stand_in)
    return str(DECODER.latex_to_text(text)).translate(str.maketrans("\ue000\ue001\ue002", "{}^"))


def references(*records: Mapping[str, Any], **given: Any) -> list[dict[str, Any]]:
    """The references of a RIS file, as rispy reads them."""
    found: list[dict[str, Any]] = rispy.loads(written(ris.RIS, *records, **given).decode())
    return found


# -- CSL-JSON --------------------------------------------------------------------------------------------------------


def test_csl_json_says_everything_in_its_own_words() -> None:
    assert orjson.loads(written(csl_json.CSL_JSON, SOURCE)) == [
        {
            "id": "kashyap-2024",
            "type": "article-newspaper",
            "title": SOURCE["title"],
            "author": SOURCE["authors"],
            "publisher": "Example House",
            "original-publisher": "Yonhap",
            "container-title": "The Example Times",
            "issued": {"date-parts": [[2018, 7]]},
            "accessed": {"date-parts": [[2026, 11, 22]]},
            "URL": SOURCE["url"],
            "DOI": "10.1000/182_a",
            "language": "en",
            "custom": {"license": "CC-BY-4.0"},
        }
    ]


def test_a_description_is_no_title_and_gets_no_brackets_of_ours() -> None:
    (item,) = orjson.loads(written(csl_json.CSL_JSON, UNKNOWN))
    assert item["title"] == "The home page of an embassy"
    assert item["custom"] == {"title_is_description": True, "archive_url": "https://archive.example/1"}
    assert item["note"].endswith("is a description. Archived at https://archive.example/1")
    assert references(UNKNOWN)[0]["notes"] == [item["note"]]
    assert bib(UNKNOWN)[0]["note"] == item["note"]


# -- BibTeX ----------------------------------------------------------------------------------------------------------


def test_bibtex_is_read_back() -> None:
    (entry,) = bib(SOURCE)
    assert entry == {
        "ENTRYTYPE": "article",
        "ID": "kashyap-2024",
        "author": "Kashyap, Anshika and Ministry of External Affairs and Trade",
        "title": SOURCE["title"],
        "journal": "The Example Times",
        "publisher": "Example House",
        "date": "2018-07",
        "year": "2018",
        "month": "jul",
        "doi": "10.1000/182_a",
        "url": SOURCE["url"],
        "urldate": "2026-11-22",
        "langid": "en",
    }


def test_bibtex_keeps_capitals_and_names_of_bodies_whole() -> None:
    raw = written(bibtex.BIBTEX, SOURCE).decode()
    assert r"title = {{India} \& {South} {Korea:} 100\% of \textbraceleft{}what\textbraceright{} was promised}" in raw
    assert "and {Ministry of External Affairs and Trade}}" in raw


def test_a_publisher_is_one_whatever_its_name() -> None:
    """Without braces a list of two is read, as from citation-js: Sea, and Job."""
    (entry,) = bib({**SOURCE, "publisher": "Sea and Job"})
    assert entry["publisher"] == "Sea and Job"
    assert "publisher = {{Sea and Job}}," in written(bibtex.BIBTEX, {**SOURCE, "publisher": "Sea and Job"}).decode()


@pytest.mark.parametrize("issued", ["2018", "2018-07", "2018-07-10"])
def test_bibtex_says_as_much_of_the_date_as_is_known(issued: str) -> None:
    (entry,) = bib({**SOURCE, "issued": issued})
    assert entry["date"] == issued
    assert ("month" in entry) == (issued != "2018")


def test_unset_fields_do_not_appear() -> None:
    assert set(bib(UNKNOWN)[0]) == {"ENTRYTYPE", "ID", "title", "note"}
    assert set(references(UNKNOWN)[0]) == {"type_of_reference", "id", "title", "notes"}


# -- RIS -------------------------------------------------------------------------------------------------------------


def test_ris_is_read_back() -> None:
    assert references(SOURCE) == [
        {
            "type_of_reference": "NEWS",
            "id": "kashyap-2024",
            "title": SOURCE["title"],
            "authors": ["Kashyap, Anshika", "Ministry of External Affairs and Trade"],
            "year": "2018",
            "date": "2018/07//",
            "secondary_title": "The Example Times",
            "publisher": "Example House",
            "doi": "10.1000/182_a",
            "urls": [SOURCE["url"]],
            "language": "en",
            "access_date": "2026/11/22/",
        }
    ]


# -- anything --------------------------------------------------------------------------------------------------------

LIGATURES = re.compile("--|''|``|[?!]`|,,|<<|>>")
"""What LaTeX prints as one character. The decoder of LaTeX composes other scripts anew as well."""

titles = st.one_of(lines, st.text(st.sampled_from("\\{}~^#$%&_\"'@,=aB "), min_size=1, max_size=12)).map(str.strip)


@given(st.lists(titles.filter(bool), min_size=1, max_size=4))
@examples(200)
def test_any_title_is_read_back_by_all(given_titles: list[str]) -> None:
    records = [{**UNKNOWN, "slug": f"a{number}", "title": title} for number, title in enumerate(given_titles)]
    assert [item["title"] for item in orjson.loads(written(csl_json.CSL_JSON, *records))] == given_titles
    if all(title.isascii() and not LIGATURES.search(title) for title in given_titles):
        assert [spaces(entry["title"]) for entry in bib(*records)] == [spaces(title) for title in given_titles]
    raw = written(ris.RIS, *records).decode()
    assert re.findall("^TI  - (.*)\r$", raw, re.MULTILINE) == given_titles


def spaces(text: str) -> str:
    """A text with single spaces: LaTeX makes no difference between one and several."""
    return " ".join(text.split())


@given(st.lists(st.text(storable_characters, min_size=1, max_size=30), max_size=4))
@examples(100)
def test_entries_stay_apart_whatever_is_in_them(given_titles: list[str]) -> None:
    records = [{**UNKNOWN, "slug": f"a{n}", "title": title.replace("\n", " ")} for n, title in enumerate(given_titles)]
    raw = written(bibtex.BIBTEX, *records).decode()
    assert len(bibtexparser.parse_string(raw).entries) == len(records)
    assert len(rispy.loads(written(ris.RIS, *records).decode())) == len(records)


def test_no_records_are_an_empty_file() -> None:
    assert written(bibtex.BIBTEX) == written(ris.RIS) == b""
    assert written(csl_json.CSL_JSON) == b"[]\n"


def test_types_are_those_of_the_vocabulary() -> None:
    terms = {term.value for term in SourceType}
    assert set(bibtex.TYPES) <= terms
    assert set(ris.TYPES) <= terms
    assert set(ris.TYPES.values()) <= set(rispy.config.TYPE_OF_REFERENCE_MAPPING)


# -- records of ours -------------------------------------------------------------------------------------------------

PROMISE: Mapping[str, Any] = {
    "slug": "trade-target-50bn-2030",
    "title": "Trade of USD 50 billion by 2030",
    "html_url": "/commitments/trade-target-50bn-2030",
    "revision": 3,
    "updated_at": datetime(2026, 1, 31, 12, tzinfo=UTC),
}


def test_a_record_of_ours_is_cited_at_its_revision() -> None:
    given: dict[str, Any] = {"resource": COMMITMENTS, "base": "https://register.example"}
    (item,) = orjson.loads(written(csl_json.CSL_JSON, PROMISE, **given))
    assert item == {
        "id": "commitment-trade-target-50bn-2030-r3",
        "type": "entry",
        "title": "Trade of USD 50 billion by 2030",
        "container-title": "Followthrough",
        "genre": "Commitment",
        "version": "revision 3",
        "issued": {"date-parts": [[2026, 1, 31]]},
        "URL": "https://register.example/commitments/trade-target-50bn-2030",
        "custom": {"license": "https://licence.example/"},
    }
    (entry,) = bib(PROMISE, **given)
    assert (entry["booktitle"], entry["version"], entry["url"]) == ("Followthrough", "revision 3", item["URL"])
    (reference,) = references(PROMISE, **given)
    assert (reference["type_of_reference"], reference["edition"]) == ("DBASE", "revision 3")


def test_without_an_address_of_the_register_nothing_pretends_to_be_one() -> None:
    assert "URL" not in item_of(File(COMMITMENTS), PROMISE)
