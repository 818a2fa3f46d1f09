"""Bundles: what is written out can be read in again, on either database, and loading twice is loading once."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from app.core.importing import Unreadable
from app.core.storage.database import Database
from app.formats.bundle.reading import Kind, read_bundle
from app.formats.bundle.yaml_text import read, write_record
from app.operations.prepare import BUNDLED, migrate
from app.resources import ALL, CATALOGUE
from tests.support.bundles import Records, Refused, dump, load, records_of
from tests.support.databases import Databases, opened, require_backend
from tests.support.excerpt import excerpt
from tests.support.generated import examples, lines, prose
from tests.support.generated_register import TINY, Generator
from tests.support.sent import watched

HEAD = "format: followthrough-bundle/1\n"


def read_text(text: str | bytes) -> Records:
    """The records of a bundle, from its text."""
    found: Records = {}
    file = io.BytesIO(text.encode() if isinstance(text, str) else text)
    for item in read_bundle(file, Kind.yaml, CATALOGUE).every:
        found.setdefault(item.resource.name, []).append(item.fields)
    return found


def counted(database: Database) -> dict[str, int]:
    """The number of rows of every table of records, and of changes."""
    with database.reading() as connection:
        tables = [*(resource.rows.name for resource in ALL), "revision", "search_document"]
        return {name: connection.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables}


@pytest.fixture
def empty(backend: str, databases: Databases) -> Iterator[Database]:
    """A database with tables and nothing in them."""
    with opened(databases.empty(backend)) as database:
        migrate(database)
        yield database


@pytest.fixture(scope="module")
def untouched(backend: str, databases: Databases) -> Iterator[Database]:
    """The same for all tests in which nothing is stored."""
    with opened(databases.empty(backend)) as database:
        migrate(database)
        yield database


@dataclass(frozen=True)
class Stored:
    """A database that holds all that a bundle says; nobody changes what it holds."""

    database: Database
    records: Records


@pytest.fixture(scope="module", params=["excerpt", pytest.param("whole", marks=pytest.mark.slow)])
def bundled(request: pytest.FixtureRequest, backend: str, databases: Databases) -> Iterator[Stored]:
    """A part of the bundled registers, and in the slow lane all of them."""
    whole, records = request.param == "whole", records_of(BUNDLED)
    with opened(databases.bundled(backend) if whole else databases.excerpt(backend)) as database:
        yield Stored(database, records if whole else excerpt(records))


# -- the bundled register --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_bundled_register_survives_being_written_out_and_read_in(bundled: Stored, empty: Database) -> None:
    text = dump(bundled.database)
    report = load(empty, read_text(text))
    assert sum(report.created.values()) > 200
    assert report.changed == report.unchanged == {}
    assert dump(empty) == text


@pytest.mark.slow
def test_loading_the_bundled_register_again_changes_nothing(bundled: Stored) -> None:
    before = (counted(bundled.database), dump(bundled.database))
    report = load(bundled.database, bundled.records)
    assert report.created == report.changed == {}
    assert (counted(bundled.database), dump(bundled.database)) == before


@pytest.mark.slow
@pytest.mark.postgresql
def test_both_databases_write_out_the_same(databases: Databases) -> None:
    require_backend("postgresql")
    texts = []
    for backend in ("sqlite", "postgresql"):
        with opened(databases.bundled(backend)) as database:
            # Each was loaded by itself: ids and moments are its own.
            texts.append(dump(database, with_stamps=False))
    assert texts[0] == texts[1]


def test_the_bundled_register_says_where_it_comes_from() -> None:
    for path in BUNDLED:
        said = read(path.read_bytes(), CATALOGUE.by_name)
        assert next(value for key, _, value in said if key == "licence") == "CC-BY-4.0"
    assert records_of(BUNDLED).keys() == {resource.name for resource in ALL}


# -- any register ----------------------------------------------------------------------------------------------------

anything = st.dictionaries(
    st.sampled_from(["name", "note", "list"]),
    st.one_of(lines, prose, st.lists(lines, max_size=3), st.integers(-5, 5), st.booleans(), st.floats(-1e9, 1e9)),
    min_size=1,
)
LOOKS_LIKE_YAML = """
yes¦NO¦on¦true¦null¦~¦¦ ¦1¦1.5¦1e3¦0x1F¦0o7¦1_000¦12:30¦2026-01-31¦.inf¦- a¦a: b¦a #b¦#a¦&a¦*a¦!a¦|¦>¦%a¦@a¦`a`¦'¦"¦[a]
{a}¦1.5e3¦08¦---¦...¦=¦<<¦a\\b¦? a¦a:¦-¦: a
"""
odd = st.sampled_from(
    [
        *re.split("[¦\n]", LOOKS_LIKE_YAML),
        *("a\n", "\na", "a\n\n", " a", "a ", "a\n b", "\ta", "a\tb", "a\n\tb", "\n", "a\n\n  b\n c", "  a\nb"),
        *("\u2028", "a\u2028b", "a\u2029 b", "\ufeffa", "\uffff", "a " * 100, "a\n" * 50),
    ]
)


@pytest.mark.parametrize("text", ["1.5e3", "-2.0E10", "08", "1e5", ".5", "1.", "0o17", "0x1F", "=", "<<"])
def test_a_text_that_others_take_for_something_else_is_in_quotes(text: str) -> None:
    written = write_record({"name": text})
    assert written == f"  - name: '{text}'\n"
    assert read_text(f"{HEAD}\nthemes:\n{written}")["themes"] == [{"name": text}]


@pytest.mark.slow
@given(st.one_of(anything, st.fixed_dictionaries({"name": odd})))
@examples(500)
def test_any_record_is_read_back_as_it_was_written(record: dict[str, Any]) -> None:
    content = read_text(f"{HEAD}\nthemes:\n{write_record(record)}{write_record(record)}")
    assert content["themes"] == [record, record]


themes = st.lists(
    st.fixed_dictionaries(
        {"state": st.sampled_from(["draft", "published"]), "name": lines},
        optional={"description": prose},
    ),
    min_size=40,
    max_size=60,
).map(lambda result: [{"slug": f"theme-{number}", **each} for number, each in enumerate(result)])


@pytest.mark.slow
@given(themes=themes)
@examples(2, shrink=False)
def test_a_register_of_any_texts_survives_being_written_out_and_read_in(
    backend: str, databases: Databases, themes: list[dict[str, Any]]
) -> None:
    content = {
        "themes": [
            {**each, "parent": f"theme-{place // 2}"} if place and each["state"] == "draft" else each
            for place, each in enumerate(themes)
        ]
    }
    with opened(databases.empty(backend)) as first, opened(databases.empty(backend)) as second:
        for database in (first, second):
            migrate(database)
        load(first, content)
        text = dump(first, drafts=True)
        report = load(second, read_text(text))
        assert report.created == {"themes": len(themes)}
        assert dump(second, drafts=True) == text
        assert load(first, read_text(text)).changed == {}
    shown = {each["slug"]: (each["name"].strip(), each.get("description")) for each in themes}
    found = read_text(text)["themes"]
    assert {each["slug"]: (each["name"], each.get("description")) for each in found} == shown


def test_what_is_not_published_is_written_out_only_when_asked_for(empty: Database) -> None:
    load(
        empty,
        {
            "themes": [
                {"slug": "hidden", "name": "Hidden"},
                {"slug": "seen", "name": "Seen", "state": "published", "parent": "hidden"},
            ]
        },
    )
    assert "hidden" not in dump(empty)
    assert "hidden" in dump(empty, drafts=True)


def test_parents_may_come_after_their_children(empty: Database) -> None:
    content = {
        "themes": [
            {"slug": "c", "name": "C", "parent": "b"},
            {"slug": "b", "name": "B", "parent": "a"},
            {"slug": "a", "name": "A"},
        ]
    }
    assert load(empty, content).created == {"themes": 3}


def test_a_change_is_made_and_what_stayed_is_left_alone(empty: Database) -> None:
    content = {"themes": [{"slug": "a", "name": "A"}, {"slug": "b", "name": "B", "description": "was"}]}
    load(empty, content)
    report = load(empty, {"themes": [content["themes"][0], {"slug": "b", "name": "B"}]})
    assert (report.created, report.changed, report.unchanged) == ({}, {"themes": 1}, {"themes": 1})
    assert "was" not in dump(empty, drafts=True)


CITED = {
    "sources": [
        {"slug": "a", "type": "report", "title": "A", "state": "published"},
        {"slug": "b", "type": "report", "title": "B", "state": "published"},
    ],
    "themes": [
        {
            "slug": "t",
            "name": "T",
            "state": "published",
            "citations": [
                {"source": "a", "intent": "context", "note": "Why."},
                {"source": "b", "locator": "page 1"},
            ],
        }
    ],
}


def test_a_bundle_with_citations_inside_loads_again_and_changes_nothing(empty: Database) -> None:
    load(empty, CITED)
    before = (counted(empty), dump(empty))
    report = load(empty, CITED)
    assert (report.created, report.changed) == ({}, {})
    assert (counted(empty), dump(empty)) == before


def test_citations_inside_that_changed_are_brought_into_line(empty: Database) -> None:
    load(empty, CITED)
    (theme,) = CITED["themes"]
    other = {**theme, "citations": [theme["citations"][0], {"source": "b", "locator": "page 2"}]}
    assert load(empty, {"themes": [other]}).changed == {"themes": 1}
    text = dump(empty)
    assert "page 2" in text
    assert "page 1" not in text
    untouched = {name: value for name, value in theme.items() if name != "citations"}
    assert load(empty, {"themes": [untouched]}).changed == {}
    assert dump(empty) == text


@pytest.mark.slow
@pytest.mark.parametrize("drafts", [True, False])
def test_a_register_with_drafts_survives_being_written_out_and_read_in(
    backend: str, databases: Databases, drafts: bool
) -> None:
    """A generated one has drafts everywhere: of milestones that updates tell of, and of citations.

    It has ids, revisions and moments, but no history: its changes get their numbers when it is loaded.
    """
    with (
        opened(databases.empty(backend)) as first,
        opened(databases.empty(backend)) as second,
        opened(databases.empty(backend)) as third,
    ):
        for database in (first, second, third):
            migrate(database)
        Generator(TINY).fill(first)
        text = dump(first, drafts=drafts)
        load(second, read_text(text))
        numbered = dump(second, drafts=drafts)
        assert re.sub(r"^    seq: \d+\n", "", numbered, flags=re.M) == text
        load(third, read_text(numbered))
        assert dump(third, drafts=drafts) == numbered


# -- what cannot be loaded -------------------------------------------------------------------------------------------

GOOD = {"slug": "good", "name": "Good"}


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        ({"themes": [GOOD, {"slug": "bad"}]}, "themes: bad: /name"),
        ({"themes": [GOOD, {"slug": "bad", "name": 7}]}, "themes: bad: /name"),
        ({"themes": [GOOD, {"slug": "bad", "name": "B", "colour": "red"}]}, "themes: bad: /colour"),
        ({"themes": [GOOD, {"slug": "bad", "name": "B", "parent": "none-such"}]}, "themes: bad: /parent"),
        ({"themes": [GOOD, {"slug": "bad", "name": "B", "parent": ["a"]}]}, "themes: bad: /parent"),
        ({"themes": [GOOD, {"slug": "bad", "name": "B", "state": "withdrawn"}]}, "themes: bad: /state"),
        ({"themes": [GOOD, {"slug": "bad", "name": float("nan")}]}, "themes: bad:"),
        ({"themes": [GOOD, {"slug": "bad", "name": "\x00"}]}, "themes: bad:"),
        ({"themes": [GOOD, {"slug": "bad", "name": "\ud800"}]}, "themes: bad:"),
        ({"themes": [GOOD, {"slug": "bad", "name": b"B"}]}, "themes: bad:"),
        ({"themes": [GOOD, {"slug": "bad", "name": "B", 7: 8}]}, "themes: bad:"),
        ({"themes": [GOOD, {"slug": "Bad Slug", "name": "B"}]}, "/slug"),
        ({"themes": [GOOD, {"slug": 7, "name": "B"}]}, "/slug"),
        ({"themes": [GOOD, {"slug": ["bad"], "name": "B"}]}, "/slug"),
        ({"themes": [GOOD, {"name": "No slug"}]}, "needs a slug"),
        ({"themes": [GOOD, GOOD]}, "good: /slug The slug is given twice"),
        ({"themes": [GOOD, "bad"]}, "needs a slug"),
        ({"themes": [GOOD, None]}, "needs a slug"),
        (
            {"themes": [GOOD, {"slug": "a", "name": "A", "parent": "b"}, {"slug": "b", "name": "B", "parent": "a"}]},
            "circle",
        ),
        ({"themes": [GOOD, {"slug": "a", "name": "A", "parent": "a"}]}, "circle"),
        (
            {"themes": [GOOD], "challenges": [{"slug": "c", "title": "C", "partnership": "none-such"}]},
            "challenges: c: /partnership",
        ),
    ],
)
def test_a_bad_record_is_named_and_nothing_is_stored(
    untouched: Database, content: dict[str, Any], reported: str
) -> None:
    before = counted(untouched)
    with pytest.raises(Refused) as refused:
        load(untouched, content)
    assert reported in str(refused.value)
    assert str(refused.value).isprintable()
    assert counted(untouched) == before


def test_a_record_that_was_withdrawn_is_not_brought_back_unasked(empty: Database) -> None:
    content = {"themes": [{**GOOD, "state": "published"}]}
    load(empty, content)
    with empty.writing() as connection:
        connection.execute(sa.text("UPDATE theme SET state = 'withdrawn'"))
    with pytest.raises(Refused, match=r"good.*withdrawn"):
        load(empty, content)


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("themes: {slug: good, name: Good}", "themes: must be a list"),
        ("themes: good", "themes: must be a list"),
        ("themes: 7", "themes: must be a list"),
        ("themes: false", "themes: must be a list"),
        ('themes: ""', "themes: must be a list"),
        ("themes: [{slug: good, name: Good}]\nthmes: []", "thmes"),
    ],
)
def test_what_is_no_list_of_records_of_a_resource_is_named(text: str, reported: str) -> None:
    with pytest.raises(Unreadable, match=reported):
        read_text(HEAD + text)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"format: other/1\n",
        b"\x00",
        b"\xff\xfe",
        b"\xff",
        (HEAD + "themes: [").encode(),
        (HEAD + "themes:\n\t- a").encode(),
        (HEAD + "title: a\ntitle: b\n").encode(),
        (HEAD + "themes: []\nthemes: []\n").encode(),
        (HEAD + "themes:\n  - name: A\n    name: B\n").encode(),
        (HEAD + "? [a]\n: b\n").encode(),
        (HEAD + "7: b\n").encode(),
        (HEAD + "themes: *none\n").encode(),
        (HEAD + "title: &a [x]\nthemes: *a\n").encode(),
        (HEAD + "themes:\n  - &a0 [x]\n" + "".join(f"  - &a{n + 1} [*a{n}, *a{n}]\n" for n in range(40))).encode(),
        (HEAD + f"themes: {'9' * 5000}\n").encode(),
        (HEAD + "themes: !!python/object/apply:os.getcwd []\n").encode(),
        (HEAD + "themes: !!int abc\n").encode(),
        (HEAD + "themes: " + "[" * 200_000).encode(),
        (HEAD + "themes:\n" + "- " * 100_000).encode(),
        (HEAD + "---\nthemes: []\n").encode(),
    ],
)
def test_what_is_no_bundle_is_refused_readably(text: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        read_text(text)
    assert "Traceback" not in str(refused.value)


def test_plain_words_stay_words() -> None:
    """In YAML 1.1 NO is false, 12:30 a number and 2026-01-31 a date."""
    text = b"a: NO\nb: 2026-01-31\nc: yes\nd: true\ne: 7\nf: null\n"
    assert {key: value for key, _, value in read(text, ())} == {
        "a": "NO",
        "b": "2026-01-31",
        "c": "yes",
        "d": True,
        "e": 7,
        "f": None,
    }


def test_a_long_chain_is_not_followed_for_each_of_its_new_records(empty: Database) -> None:
    """Nothing leads back to what is not there yet. For 5,000 in a row it took two minutes, and nobody could write."""
    chain = [{"slug": f"t{number}", "name": "T", "parent": f"t{number + 1}"} for number in range(20)]
    sent: list[str] = []
    with watched(empty.engine, lambda statement, _: sent.append(statement)):
        report = load(empty, {"themes": [*chain, {"slug": "t20", "name": "T"}]})
    assert report.created == {"themes": 21}
    assert not [text for text in sent if "RECURSIVE" in text]


def test_empty_lines_by_the_million_are_refused() -> None:
    """Forty megabytes of nothing took twenty seconds, though no limit of records was near."""
    file = io.BytesIO(b'{"format": "followthrough-bundle/1"}\n' + b"\n" * 600_000)
    with pytest.raises(Unreadable, match="more than 500,000 lines"):
        list(read_bundle(file, Kind.jsonl, CATALOGUE).every)
