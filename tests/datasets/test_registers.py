"""The bundled registers hold to their own method: what is claimed is dated, cited, and counted as README says."""

import re
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import pytest

Record = dict[str, Any]

# At least: a register may grow, and loses nothing unnoticed.
LEAST = {
    "india-south-korea": {"commitments": 132, "updates": 466, "meetings": 69, "observations": 110, "dialogues": 21},
    "india-japan": {"commitments": 84, "updates": 221, "meetings": 49, "observations": 94, "dialogues": 17},
}
WITNESSED = {"india-south-korea": 108, "india-japan": 73}
"""Promises that rest on two independent publishers or more, by their own citations."""
SOURCES = {"sources": 930, "ko": 150, "hi": 20}
DATED_LATER = {f"{slug}-assessed-2026-11" for slug in ("it-foundation-2010", "trade-target-30bn-2014", "hsr-open-2022")}
"""Verdicts that came after the last event of the log: they are dated by the end of the term, or by what they cite."""
WITNESS = ("evidence", "confirms", "data_source")
COLOURFUL = re.compile(
    r"\b(was dead|petered out|meagre|flagship|alas|sadly|of course|conceded that|admit(?:s|ted) that|courted)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def partnership_of(bundle: dict[str, list[Record]]) -> dict[tuple[str, str], str]:
    """The partnership of each record that belongs to one, by resource and slug."""
    found = {
        (name, record["slug"]): record["partnership"]
        for name, records in bundle.items()
        for record in records
        if "partnership" in record
    }
    for name, field, parent in (
        ("updates", "commitment", "commitments"),
        ("meetings", "dialogue", "dialogues"),
        ("observations", "indicator", "indicators"),
    ):
        for record in bundle[name]:
            found[name, record["slug"]] = found[parent, record[field]]
    return found


def test_each_register_has_what_the_readme_says(
    bundle: dict[str, list[Record]], partnership_of: dict[tuple[str, str], str]
) -> None:
    counts = Counter((partnership, name) for (name, _), partnership in partnership_of.items())
    for partnership, least in LEAST.items():
        for name, number in least.items():
            assert counts[partnership, name] >= number, (partnership, name)
    languages = Counter(source.get("language") for source in bundle["sources"])
    assert len(bundle["sources"]) >= SOURCES["sources"]
    assert (languages["ko"] >= SOURCES["ko"], languages["hi"] >= SOURCES["hi"]) == (True, True)


def test_the_address_of_each_source_is_one_and_its_own(bundle: dict[str, list[Record]]) -> None:
    addresses = [source["url"] for source in bundle["sources"] if "url" in source]
    assert [each for each, times in Counter(addresses).items() if times > 1] == []
    for address in addresses:
        parts = urlsplit(address)
        assert parts.scheme in ("http", "https"), address
        assert re.fullmatch(r"[a-z0-9.-]+\.[a-z0-9-]+", parts.netloc.partition(":")[0].lower()), address


def test_no_title_stands_in_brackets(bundle: dict[str, list[Record]]) -> None:
    assert [source["slug"] for source in bundle["sources"] if source["title"].startswith("[")] == []


def test_every_promise_and_every_source_is_cited(bundle: dict[str, list[Record]]) -> None:
    cited = {(each["subject"]["type"], each["subject"]["slug"]) for each in bundle["citations"]}
    assert [each["slug"] for each in bundle["commitments"] if ("commitment", each["slug"]) not in cited] == []
    used = {each["source"] for each in bundle["citations"]}
    used |= {each["source"] for each in bundle["observations"] if "source" in each}
    assert [each["slug"] for each in bundle["sources"] if each["slug"] not in used] == []


def test_every_promise_has_one_verdict_with_its_reason_and_its_evidence(bundle: dict[str, list[Record]]) -> None:
    cited = {each["subject"]["slug"] for each in bundle["citations"] if each["subject"]["type"] == "update"}
    verdicts = [each for each in bundle["updates"] if each.get("sets", {}).get("completion")]
    assert Counter(each["commitment"] for each in verdicts) == Counter(each["slug"] for each in bundle["commitments"])
    for verdict in verdicts:
        assert len(verdict["narrative"]) > 30, verdict["slug"]
        if verdict["sets"]["completion"] in ("limited", "substantial", "complete"):
            assert verdict["slug"] in cited, verdict["slug"]


def test_a_verdict_is_dated_by_its_evidence_and_not_by_the_day_of_the_editors(bundle: dict[str, list[Record]]) -> None:
    """Otherwise a promise of which nothing is heard would seem to have news."""
    last: dict[str, str] = {each["slug"]: each.get("made_on", "") for each in bundle["commitments"]}
    for each in bundle["updates"]:
        if not each.get("sets", {}).get("completion"):
            last[each["commitment"]] = max(last[each["commitment"]], each["occurred_on"])
    looked = [each for each in bundle["updates"] if each.get("sets", {}).get("completion")]
    assert [each["slug"] for each in looked if each["occurred_on"] == each["recorded_on"]] == []
    late = [each["slug"] for each in looked if each["occurred_on"][:4] > last[each["commitment"]][:4] > ""]
    assert set(late) <= DATED_LATER


def test_promises_have_two_witnesses(
    bundle: dict[str, list[Record]], partnership_of: dict[tuple[str, str], str]
) -> None:
    sources = {source["slug"]: source for source in bundle["sources"]}
    publishers: dict[str, set[str]] = {each["slug"]: set() for each in bundle["commitments"]}
    for citation in bundle["citations"]:
        source = sources[citation["source"]]
        independent = source.get("independence") not in (None, "party")
        counted = independent and citation.get("intent", "evidence") in WITNESS
        if citation["subject"]["type"] == "commitment" and counted:
            publisher = source.get("original_publisher") or source.get("publisher")
            publishers[citation["subject"]["slug"]] |= {publisher} if publisher else set()
    witnessed = Counter(partnership_of["commitments", slug] for slug, found in publishers.items() if len(found) > 1)
    for partnership, least in WITNESSED.items():
        assert witnessed[partnership] >= least, partnership


def test_words_are_neutral(bundle: dict[str, list[Record]]) -> None:
    for name in ("partnerships", "challenges", "recommendations", "commitments", "updates", "meetings", "citations"):
        for record in bundle[name]:
            for text in (record.get(field, "") for field in ("title", "summary", "statement", "narrative", "note")):
                assert not COLOURFUL.search(text), (record["slug"], text)
