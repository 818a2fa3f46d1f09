"""Full text: both databases find the same records in the same order, which are those that a slow search finds."""

import random
import re
import string
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.field_types import fold
from app.core.storage.full_text import phrases
from app.core.storage.sqlite import sqlite
from app.errors import BadQuery
from app.operations.prepare import migrate
from tests.support.bundles import load
from tests.support.databases import BACKENDS, Databases, opened, require_backend
from tests.support.generated import SCRIPTS, examples
from tests.support.register import Register, application

VOCABULARY = """
trade trade-imbalance state-of-the-art India's India\u2019s indo-pacific 5G 1e5 1e-5 2024-25 24/7 3.14 1,000 0x1F H2O
C++ e-mail someone@example.org https://example.org/a-b?c=d#e example.org /usr/bin file.txt semi- semi semiconductor
semiconductors café cafe Straße STRASSE İstanbul naïve 한국 한국어 대한민국 약속 भारत कोरिया 日本 協力
AND OR NOT NEAR and or not near label summary body 10% $5 a b c x y the the the don't O'Brien R&D AT&T co-operation
cooperation coöperation v1.2.3 #hash @at Ⅷ ½ ﬁnal ① x² 1st 2nd COVID-19 G20 K9 9K
"""
WORDS = tuple(VOCABULARY.split())

CORPUS = 120


def _text(chance: random.Random, most: int) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(1, most)))


def _rubbish(chance: random.Random) -> str:
    text = "x" + "".join(chance.choices("".join(SCRIPTS), k=chance.randint(1, 40)))
    # What a title cannot have: more than a line, and controls of direction.
    return re.sub("[\n\t\u2028-\u202e\u2066-\u2069]", " ", text)


def corpus() -> list[dict[str, str]]:
    """Challenges of words in every mixture, of rubbish, and of words that are too long for an index."""
    chance = random.Random(20260131)
    created: list[dict[str, str]] = []
    for number in range(CORPUS):
        title = _rubbish(chance) if number % 6 == 5 else _text(chance, 6)
        # Titles differ, so that they put an end to every tie.
        entry = {"slug": f"entry-{number}", "title": f"{title[:190]} z{number:03}"}
        if number % 3:
            entry["summary"] = _rubbish(chance) if number % 7 == 5 else _text(chance, 8)
        if number % 4:
            entry["description"] = _text(chance, 60)
        created.append(entry)
    created[0]["description"] = f"{'a' * 3000} {'한' * 3000} {'1' * 3000} end"
    created[1]["description"] = f"{'ab' * 60} joined"
    created[3]["description"] = f"{'the cat ' * 700}the gnu"  # beyond the places that a tsvector keeps of a word
    created[2] |= {"title": "crossing from title", "summary": "into summary words", "description": "and on into it"}
    return created


ENTRIES = corpus()


@dataclass(frozen=True)
class Indexed:
    """An entry as it is searched."""

    entry: dict[str, str]
    label: tuple[str, ...]
    summary: tuple[str, ...]
    body: tuple[str, ...]

    def score(self, requested: list[list[str]]) -> int | None:
        """How well it answers; None where it does not have every phrase."""
        total = 0
        for words in requested:
            weights = [(4, self.label), (2, self.summary), (1, self.body)]
            found = [weight for weight, text in weights if _contains(text, words)]
            if not found:
                return None
            total += sum(found)
        return total


def _contains(text: tuple[str, ...], words: list[str]) -> bool:
    *whole, last = words
    for place in range(len(text) - len(whole)):
        if list(text[place : place + len(whole)]) == whole and text[place + len(whole)].startswith(last):
            return True
    return False


INDEXED = [
    Indexed(entry, *(tuple(fold(entry.get(name, "")).split()) for name in ("title", "summary", "description")))
    for entry in ENTRIES
]


def slow_search(q: str) -> list[str]:
    """What a query should find, worked out word by word: the best first, then by title."""
    requested = phrases(q)
    scored = [(score, each.entry) for each in INDEXED if (score := each.score(requested)) is not None]
    scored.sort(key=lambda found: (-found[0], found[1]["title"]))
    return [entry["slug"] for _, entry in scored]


@pytest.fixture(scope="module")
def both(databases: Databases) -> Iterator[list[Register]]:
    """The same entries on SQLite and, where there is one, on PostgreSQL."""
    for backend in BACKENDS:
        require_backend(backend)
    partnership = {"slug": "p", "state": "published", "name": "P", "parties": ["IN", "KR"]}
    challenges = [{**entry, "state": "published", "partnership": "p"} for entry in ENTRIES]
    content: dict[str, Any] = {"partnerships": [partnership], "challenges": challenges}
    with ExitStack() as until_end:
        created: list[Register] = []
        for backend in BACKENDS:
            settings = databases.empty(backend).model_copy(update={"cache_bytes": 0})
            with opened(settings) as database:
                migrate(database)
                load(database, content)
            created.append(until_end.enter_context(application(settings)))
        yield created


def found(register: Register, q: str) -> tuple[int, list[str]]:
    """The status, and the slugs that a search finds in their order."""
    response = register.get("/v1/challenges", params={"q": q, "limit": "200", "sort": "title"})
    ranked = register.get("/v1/challenges", params={"q": q, "limit": "200"})
    assert response.status_code == ranked.status_code
    if response.status_code != 200:
        assert response.status_code == 400, response.text
        return 400, []
    slugs = [record["slug"] for record in ranked.json()["data"]]
    assert sorted(slugs) == sorted(record["slug"] for record in response.json()["data"])
    return 200, slugs


def check(both: list[Register], q: str) -> list[str]:
    """Search on both databases and the slow way, which must come to the same; gives what was found."""
    try:
        expected: tuple[int, list[str]] = (200, slow_search(q))
    except BadQuery:
        expected = (400, [])
    for register in both:
        assert found(register, q) == expected
    return expected[1]


pytestmark = pytest.mark.postgresql

indexed_words = sorted({word for each in INDEXED for text in (each.label, each.summary, each.body) for word in text})
prefixes = st.sampled_from(indexed_words).flatmap(
    lambda word: st.integers(1, min(len(word), 60)).map(lambda n: word[:n])
)
runs = st.sampled_from([text for each in INDEXED for text in (each.label, each.summary, each.body) if text]).flatmap(
    lambda text: st.tuples(st.integers(0, len(text) - 1), st.integers(1, 3)).map(
        lambda cut: '"' + " ".join(word[:40] for word in text[cut[0] : cut[0] + cut[1]]) + '"'
    )
)
queries = st.lists(st.one_of(prefixes, runs, st.sampled_from(WORDS)), min_size=1, max_size=3).map(" ".join)


@given(q=queries.filter(lambda q: len(q) <= 200))
@examples(80)
def test_words_prefixes_and_phrases_find_the_same_on_both(both: list[Register], q: str) -> None:
    check(both, q)


@given(q=st.text(st.one_of(st.sampled_from("".join(SCRIPTS) + '""\'*:^()-'), st.characters()), min_size=1, max_size=40))
@examples(80)
def test_no_text_at_all_makes_a_search_fail(both: list[Register], q: str) -> None:
    """Whatever is in it, it is answered with what is found, or as a query that cannot be understood."""
    try:
        q.encode()
    except UnicodeEncodeError:
        return
    results = [found(register, q) for register in both]
    assert results[0] == results[1]


def test_no_word_is_two_for_fts5_whatever_letters_it_has() -> None:
    """It would be looked for as a phrase, and the index does not know in what order words stand."""
    letters = filter(str.isalnum, map(chr, range(sys.maxunicode + 1)))
    words = sorted({folded for letter in letters if " " not in (folded := fold(f"x{letter}y"))})
    with closing(sqlite.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE word USING fts5(label, tokenize='unicode61', detail=column)")
        connection.execute("CREATE VIRTUAL TABLE found USING fts5vocab(word, row)")
        connection.executemany("INSERT INTO word VALUES (?)", ([word] for word in words))
        assert [term for (term,) in connection.execute("SELECT term FROM found ORDER BY term")] == words


MEANT_FOR_FTS5 = """
AND¦OR¦NOT¦NEAR¦NEAR(a b, 5)¦a AND¦NOT a¦a OR¦label : a¦label:a¦{label body}: a¦- label : a¦^"a"¦^a¦a + b¦a*¦*¦**
"¦""¦"a¦a"¦"a" "¦a''b¦'¦''¦\\¦a\\¦rank:a¦"a" * b¦search_index¦rowid:1
"""
MEANT_FOR_TSQUERY = """
a & b¦a | b¦!a¦a <-> b¦a <2> b¦(a¦a)¦()¦a:*¦a:A¦'a':*B¦' | 'a¦a\\'b¦<->¦&¦|¦!¦:*¦'a':*ABC & 'b'
"""
MEANT_FOR_SQL = """
; DROP TABLE challenge¦' OR 1=1 --¦%¦_¦%%¦%s¦%(a)s¦$1¦$$a$$¦?¦:q¦{}¦{0}¦[a]¦`a`¦-¦--¦/* a */¦a/*
"""
SYNTAX = (
    *(each for text in (MEANT_FOR_FTS5, MEANT_FOR_TSQUERY, MEANT_FOR_SQL) for each in re.split("[¦\n]", text.strip())),
    *("\u200b", "\ufeff", "\u2028", "\ufffd", "🤝", "a\tb", "a\nb", "é" * 200, "a" * 200, "1" * 200, "1e" * 100),
    *("a\u19b0b", "a\u1cf2b"),
    *(each * 2 for each in string.punctuation),
    *(f"a{each}b" for each in string.punctuation),
)


@pytest.mark.slow
@pytest.mark.parametrize("q", SYNTAX)
def test_what_the_databases_would_take_for_syntax_is_text(both: list[Register], q: str) -> None:
    check(both, q)


@pytest.mark.slow
@pytest.mark.parametrize("q", WORDS)
def test_every_word_is_found_as_it_was_written(both: list[Register], q: str) -> None:
    if fold(q):
        assert set(check(both, f'"{q}"')) >= {
            entry["slug"] for entry in ENTRIES if q in entry.get("description", "").split()
        }


@pytest.mark.parametrize(
    ("q", "hit"),
    [
        ('"from title"', True),
        ('"into summary"', True),
        ('"and on into it"', True),
        ('"title into"', False),
        ('"words and"', False),
        ('"title into summary"', False),
        ("title into words", True),
        ('"crossing title"', False),
    ],
)
def test_a_phrase_does_not_cross_from_one_field_into_the_next(both: list[Register], q: str, hit: bool) -> None:
    assert ("entry-2" in check(both, q)) == hit


@pytest.mark.parametrize(
    "q",
    [
        "a" * 200,
        "한" * 100,
        "한" * 60,
        "1" * 150,
        "ab" * 60,
        "ab" * 50,
        "ab" * 55,
        '"' + "ab" * 60 + ' joined"',
        '"1 end"',
    ],
)
def test_words_that_are_too_long_for_an_index_are_found_all_the_same(both: list[Register], q: str) -> None:
    check(both, q)


def test_the_best_come_first(both: list[Register]) -> None:
    assert check(both, "crossing")[0] == "entry-2"
    assert check(both, "semiconductor") == slow_search("semiconductor") != []


def test_a_walk_over_a_search_gives_each_hit_once_and_in_order(both: list[Register]) -> None:
    expected = slow_search("the")
    assert len(expected) > 20
    for register in both:
        address: str | None = "/v1/challenges?q=the&limit=7"
        paged: list[str] = []
        while address is not None:
            page = register.get(address).json()
            paged += [record["slug"] for record in page["data"]]
            address = page["next"]
        assert paged == expected


def test_a_phrase_is_found_late_in_a_long_text_too(both: list[Register]) -> None:
    assert check(both, '"the gnu"') == ["entry-3"]
    assert check(both, '"cat the gn"') == ["entry-3"]
    assert check(both, '"gnu the"') == []
