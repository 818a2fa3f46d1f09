"""Files of reference managers, as sources: ours come back as they were, and those of Zotero say what they say."""

import io
import time
from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
import pytest

from app.core.importing import Item, Unreadable
from app.core.writing.bodies import validate_record
from app.errors import Invalid
from app.formats import bibtex, bibtex_reading, csl_json, csl_reading, ris, ris_reading
from app.formats.format import File, Format
from app.resources import CATALOGUE
from tests.formats.test_citing import SOURCE, UNKNOWN

SOURCES = CATALOGUE.by_name["sources"]
read_bibtex, read_csl, read_ris = bibtex_reading.read, csl_reading.read, ris_reading.read
READERS = [(bibtex.BIBTEX, read_bibtex), (ris.RIS, read_ris), (csl_json.CSL_JSON, read_csl)]


def read(reader: Any, text: str | bytes) -> list[Item]:
    """The items of a file, each of which is a source that can be taken but for what the test says."""
    return list(reader(SOURCES, io.BytesIO(text if isinstance(text, bytes) else text.encode())))


def written(format_: Format, *records: Mapping[str, Any]) -> bytes:
    """The file of some records."""
    return b"".join(format_.write(File(SOURCES), [records]))


# RIS has no sign for the name of a body; a comma in it makes two parts of it.
@pytest.mark.parametrize(("format_", "reader"), READERS, ids=["bib", "ris", "csl.json"])
def test_our_own_files_come_back(format_: Format, reader: Any) -> None:
    said = ("title", "container_title", "publisher", "issued", "url", "doi", "language", "slug")
    (item,) = read(reader, written(format_, SOURCE))
    expected = {name: SOURCE[name] for name in said} | {"accessed_on": str(SOURCE["accessed_on"])}
    assert {name: item.fields.get(name) for name in expected} == expected
    assert item.fields["authors"] == SOURCE["authors"]
    validate_record(SOURCES, item.fields)


def test_csl_json_keeps_everything() -> None:
    (item,) = read(read_csl, written(csl_json.CSL_JSON, UNKNOWN))
    assert item.fields == {
        "slug": "home-page",
        "type": "webpage",
        "title": "The home page of an embassy",
        "title_is_description": True,
        "archive_url": "https://archive.example/1",
    }
    (item,) = read(read_csl, written(csl_json.CSL_JSON, SOURCE))
    known = {name: value for name, value in SOURCE.items() if value not in (None, False)}
    assert item.fields == {**known, "accessed_on": "2026-11-22"}


ZOTERO_BIBTEX = r"""
@article{panda_framing_2020,
	title = {Framing an {Indo}-{Pacific} narrative \& {\'E}tudes},
	volume = {4},
	url = {https://example.org/a_b?x=1},
	doi = {https://doi.org/10.1000/182},
	journal = {Journal of {Asian} Affairs},
	author = {Panda, Jagannath P. and van der Berg, Jan and {Ministry of Trade, Industry and Energy}},
	month = jan,
	year = {2020},
	langid = {english},
	urldate = {2024-05-06},
}

@online{unsigned,
	title = {An unsigned page},
	date = {2021-03-04},
}
"""


def test_bibtex_of_zotero_says_what_it_says() -> None:
    signed, unsigned = read(read_bibtex, ZOTERO_BIBTEX)
    assert signed.place.row == 2
    assert signed.fields == {
        "slug": "panda-framing-2020",
        "type": "article-journal",
        "title": "Framing an Indo-Pacific narrative & Études",
        "authors": [
            {"family": "Panda", "given": "Jagannath P."},
            {"family": "van der Berg", "given": "Jan"},
            {"literal": "Ministry of Trade, Industry and Energy"},
        ],
        "container_title": "Journal of Asian Affairs",
        "issued": "2020-01",
        "accessed_on": "2024-05-06",
        "url": "https://example.org/a_b?x=1",
        "doi": "10.1000/182",
        "language": "en",
    }
    assert unsigned.fields == {
        "slug": "unsigned",
        "type": "webpage",
        "title": "An unsigned page",
        "issued": "2021-03-04",
    }


ZOTERO_RIS = """TY  - NEWS\r
TI  - Envoys meet\r
AU  - Kim, Jin-yu\r
AU  - Yonhap\r
T2  - The Korea Herald\r
DA  - 2025/07/18/\r
PY  - 2025\r
UR  - https://example.org/1\r
LA  - en-US\r
ER  - \r
\r
TY  - RPRT\r
ID  - Report 7\r
T1  - A report\r
PY  - 2018\r
ER  - \r
"""


def test_ris_of_zotero_says_what_it_says() -> None:
    news, report = read(read_ris, ZOTERO_RIS)
    assert news.fields == {
        "type": "article-newspaper",
        "title": "Envoys meet",
        "authors": [{"family": "Kim", "given": "Jin-yu"}, {"literal": "Yonhap"}],
        "container_title": "The Korea Herald",
        "issued": "2025-07-18",
        "url": "https://example.org/1",
        "language": "en-US",
    }
    assert (report.fields["slug"], report.fields["type"], report.fields["issued"]) == ("report-7", "report", "2018")
    assert report.place.row == 12


def test_csl_of_zotero_says_what_it_says() -> None:
    entry = {
        "id": "http://zotero.org/users/1/items/ABC",
        "citation-key": "kim2025",
        "type": "paper",
        "title": 'On <i>India</i> and <span class="nocase">Korea</span>',
        "author": [{"family": "Berg", "non-dropping-particle": "van der", "given": "Jan"}, {"family": "Yonhap"}],
        "issued": {"raw": "2025-07"},
        "accessed": {"date-parts": [["2025", "7", "1"]]},
        "language": "English",
    }
    (item,) = read(read_csl, orjson.dumps([entry]))
    assert item.fields == {
        "slug": "kim2025",
        "type": "document",
        "title": "On India and Korea",
        "authors": [{"family": "van der Berg", "given": "Jan"}, {"literal": "Yonhap"}],
        "issued": "2025-07",
        "accessed_on": date(2025, 7, 1).isoformat(),
        "language": "en",
    }


@pytest.mark.parametrize(
    ("reader", "text", "row", "said"),
    [
        (read_bibtex, "@article{a, title={A}}\n@article{b, title={x\n@book{c, title={C}}\n", 2, "not closed"),
        (read_bibtex, "@article{a, title={A}}\n@article{a, title={B}}\n", 2, "given twice"),
        (read_bibtex, "Dear all,\n", 1, "no entry"),
        (read_bibtex, "@misc{a, title={" + "{" * 4_000 + "}" * 4_000 + "}}\n", 1, "nested too deeply"),
        (read_csl, "[" * 100_000, 1, "not JSON"),
        (read_ris, "TY  - NEWS\nTI  - A\nTY  - NEWS\nER  - \n", 1, "no end"),
        (read_ris, "TY  - NEWS\nTI  - A\n", 1, "no end"),
        (read_ris, "\nAuthor: Kim\n", 2, "begins with"),
        (read_csl, '[{"id": "a",]', 1, "not JSON"),
        (read_csl, '{"id": "a"}', 1, "array"),
        (read_csl, "[1]", 1, "no object"),
        (read_ris, "TY  - NEWS\nTI  - 한국\n".encode("cp949"), 2, "not UTF-8"),
    ],
)
def test_what_is_broken_is_refused_with_its_line(reader: Any, text: str | bytes, row: int, said: str) -> None:
    with pytest.raises(Unreadable, match=said) as raised:
        read(reader, text)
    assert raised.value.row == row


@pytest.mark.parametrize(
    "title",
    [
        r"See \href{https://example.org}{this}",
        r"A \textcolor{red}",
        r"\sqrt[3]",
        r"\begin{array}x",
        r"\title",
        r"\verb",
        r"\text\include",
    ],
)
def test_a_text_that_the_decoder_fails_at_stays_as_it_stands(title: str) -> None:
    (item,) = read(read_bibtex, f"@book{{a, title = {{{title}}}, author = {{Kim, Min}}}}")
    assert (item.fields["title"], item.fields["authors"]) == (title, [{"family": "Kim", "given": "Min"}])


@pytest.mark.parametrize("before", ["", "doi:", "DOI ", "doi.org/", "https://www.doi.org/", "http://dx.doi.org/"])
def test_a_doi_is_read_without_what_is_written_before_it(before: str) -> None:
    (item,) = read(read_ris, f"TY  - BOOK\nTI  - A\nDO  - {before}10.1000/182\nER  - \n")
    assert item.fields["doi"] == "10.1000/182"


def test_a_digit_that_counts_nothing_is_no_date() -> None:
    (item,) = read(read_csl, '[{"id": "a", "title": "A", "issued": {"date-parts": [[2020, "²"]]}}]')
    assert item.fields["issued"] == "2020"
    (item,) = read(read_ris, "TY  - NEWS\nTI  - A\nDA  - 2020/²/\nER  - \n")
    assert item.fields["issued"] == "2020"


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (read_csl, '[{"id": "a", "title": "A", "issued": {"date-parts": [[99999]]}}]'),
        (read_csl, '[{"id": "a", "title": "A", "issued": {"date-parts": [["99999", 1, 2]]}}]'),
        (read_csl, '[{"id": "a", "title": "A", "issued": {"date-parts": [[0]]}}]'),
        (read_csl, '[{"id": "a", "title": "A", "issued": {"raw": "99999-01"}}]'),
        (read_csl, '[{"id": "a", "title": "A", "issued": {"date-parts": [[201807]]}}]'),
        (read_csl, '[{"id": "a", "title": "A", "issued": {"date-parts": [[20181310]]}}]'),
        (read_csl, '[{"id": "a", "title": "A", "issued": {"date-parts": [[2018, 17]]}}]'),
        (read_csl, '[{"id": "a", "title": "A", "issued": {"date-parts": [["2018", "99", "1"]]}}]'),
        (read_csl, f'[{{"id": "a", "title": "A", "issued": {{"raw": "2018-{"1" * 5000}"}}}}]'),
        (read_bibtex, "@book{a, title = {A}, date = {2018-25}}"),
        (read_bibtex, "@book{a, title = {A}, year = {99999}}"),
        (read_ris, "TY  - BOOK\nTI  - A\nPY  - 99999\nER  - \n"),
    ],
)
def test_a_date_that_is_none_is_refused_and_not_cut(reader: Any, text: str) -> None:
    (item,) = read(reader, text)
    with pytest.raises(Invalid) as refused:
        validate_record(SOURCES, item.fields)
    assert [flaw["pointer"] for flaw in refused.value.errors if "issued" in flaw["pointer"]] == ["/issued"]


@pytest.mark.parametrize(
    ("issued", "date"),
    [
        ('{"date-parts": [[20180710]]}', "2018-07-10"),
        ('{"date-parts": [["20180710"]]}', "2018-07-10"),
        ('{"raw": "20180710"}', "2018-07-10"),
        ('{"date-parts": [[2018, 21]]}', "2018"),  # spring
        ('{"date-parts": [[2018, 0, 0]]}', "2018"),
    ],
)
def test_other_ways_to_write_a_date_are_read(issued: str, date: str) -> None:
    (item,) = read(read_csl, f'[{{"id": "a", "title": "A", "issued": {issued}}}]')
    assert item.fields["issued"] == date


def test_a_month_without_end_is_refused() -> None:
    with pytest.raises(Unreadable, match="month"):
        read(read_bibtex, f"@book{{a, title = {{A}}, year = 2018, month = {'9' * 5000}}}")


def test_a_day_of_access_that_is_none_is_refused_and_not_forgotten() -> None:
    (item,) = read(read_csl, '[{"id": "a", "title": "A", "accessed": {"date-parts": [[2018, 17, 1]]}}]')
    with pytest.raises(Invalid) as refused:
        validate_record(SOURCES, item.fields)
    assert "/accessed_on" in [flaw["pointer"] for flaw in refused.value.errors]
    (item,) = read(read_csl, '[{"id": "a", "title": "A", "accessed": {"date-parts": [[2018, 7]]}}]')
    assert "accessed_on" not in item.fields


def test_an_early_year_is_a_year() -> None:
    (item,) = read(read_csl, '[{"id": "a", "title": "A", "issued": {"date-parts": [[712, 1]]}}]')
    assert item.fields["issued"] == "0712-01"


@pytest.mark.parametrize(
    ("field", "pointer"),
    [("author = {" + "A, B and " * 20_000 + "C}", "/authors"), ("title = {" + r"\'{e}" * 50_000 + "}", "/title")],
    ids=["authors", "title"],
)
def test_what_no_source_takes_is_not_decoded_first(field: str, pointer: str) -> None:
    """To decode LaTeX takes twenty microseconds a character."""
    began = time.process_time()
    (item,) = read(read_bibtex, "@misc{a, " + field + "}")
    with pytest.raises(Invalid) as refused:
        validate_record(SOURCES, dict(item.fields))
    assert pointer in {flaw["pointer"] for flaw in refused.value.errors}
    assert time.process_time() - began < 4


@pytest.mark.parametrize("sign", ["\u0301\u0323", "a-", "&#1;", "\u8a9e"])
def test_a_slug_is_made_of_a_key_of_any_length(sign: str) -> None:
    began = time.process_time()
    (item,) = read(read_csl, orjson.dumps([{"id": "key-" + sign * 100_000, "title": "A"}]).decode())
    assert str(item.fields["slug"]).startswith("key")
    assert time.process_time() - began < 3
