"""The grammar of queries: what a parameter may be, and how one that is wrong is answered."""

import time
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.flaws import MAX_FLAWS
from app.core.model import Record, RecordRead
from app.core.reading.grammar import Grammar
from app.core.reading.list_query import MAX_LIMIT, MAX_TERMS
from app.core.reading.value_types import unwrap
from app.core.resource import Resource
from app.core.storage.full_text import MAX_WORDS, phrases
from app.errors import BadQuery
from app.resources import ALL, CATALOGUE
from tests.support.generated import examples, moments

GRAMMARS = {resource.name: Grammar(resource, CATALOGUE) for resource in ALL}
CHALLENGES = GRAMMARS["challenges"]
EVERY = pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)


def refused(*pairs: tuple[str, str], grammar: Grammar = CHALLENGES) -> BadQuery:
    """The problem that these parameters are answered with."""
    with pytest.raises(BadQuery) as problem:
        grammar.list_query(pairs)
    orjson.dumps([problem.value.detail, problem.value.errors])
    return problem.value


def values(*pairs: tuple[str, str], grammar: Grammar = CHALLENGES) -> Any:
    """The one value that these parameters come to."""
    (term,) = grammar.list_query(pairs).terms
    (value,) = term.values
    return value


# -- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["1", "25", str(MAX_LIMIT), "007"])
def test_limits_that_are_taken(limit: str) -> None:
    assert CHALLENGES.list_query([("limit", limit)]).limit == int(limit)


@pytest.mark.parametrize(
    "limit",
    [
        "0",
        "-1",
        str(MAX_LIMIT + 1),
        str(10**30),
        "1" + "0" * 10_000,
        "",
        " ",
        "1.0",
        "1e2",
        "1_0",
        "+1",
        " 1",
        "1 ",
        "0x10",
        "\u0661",
        "\uff11",
        "NaN",
        "Infinity",
        "true",
        "null",
        "1,2",
        "1;2",
    ],
)
def test_limits_that_are_not(limit: str) -> None:
    assert refused(("limit", limit)).errors[0]["parameter"] == "limit"


def _number_filters() -> list[tuple[str, str]]:
    return [
        (name, filter_.parameter)
        for name, grammar in GRAMMARS.items()
        for filter_ in grammar.filters.values()
        if filter_.how == "field" and filter_.operator == "gte" and filter_.target in ("ordinal", "value", "score")
    ]


@pytest.mark.parametrize(("name", "parameter"), _number_filters())
@pytest.mark.parametrize("value", ["NaN", "Infinity", "-inf", "1e999", "", "x", "true", "9" * 400, "1_0", "+1", " 1"])
def test_a_number_is_a_number(name: str, parameter: str, value: str) -> None:
    assert refused((parameter, value), grammar=GRAMMARS[name]).errors[0]["parameter"] == parameter


@EVERY
def test_an_integer_fits_the_columns_of_both_databases(resource: Resource) -> None:
    grammar = GRAMMARS[resource.name]
    for parameter, filter_ in grammar.filters.items():
        if filter_.how != "field" or filter_.operator == "isnull" or filter_.target not in resource.fields:
            continue
        if unwrap(resource.read.model_fields[filter_.target].annotation)[1] is int:
            for value in (2**31, -(2**31) - 1, 10**30):
                assert refused((parameter, str(value)), grammar=grammar).errors[0]["parameter"] == parameter
            assert grammar.list_query([(parameter, str(2**31 - 1))])


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ("page", "cursor"),
        ("offset", "cursor"),
        ("per_page", "limit"),
        ("pageSize", "limit"),
        ("page[size]", "limit"),
        ("search", "q"),
        ("query", "q"),
        ("order_by", "sort"),
        ("orderBy", "sort"),
        ("ordering", "sort"),
        ("expand", "include"),
        ("embed", "include"),
        ("asOf", "as_of"),
        ("identified_on[gte]", "identified_on__gte"),
        ("identified_on_before", "identified_on__lt"),
        ("title__icontains", "title__contains"),
        ("status_in", "status"),
        ("statsu", "status"),
    ],
)
def test_what_other_apis_call_it_is_answered_with_our_word(value: str, right: str) -> None:
    assert refused((value, "1")).errors[0]["detail"] == f"There is no such parameter. Did you mean {right}?"


def test_what_belongs_elsewhere_is_told_where() -> None:
    assert "/v1/challenges.json?fields=" in refused(("fields", "slug")).errors[0]["detail"]
    assert "/v1/challenges.csv" in refused(("format", "csv")).errors[0]["detail"]
    with pytest.raises(BadQuery) as problem:
        CHALLENGES.file_query([("include", "themes")])
    assert "/v1/challenges?include=" in problem.value.errors[0]["detail"]
    assert refused(("identified_on__lt", "2018-7")).errors[0]["detail"] == (
        "It should be a date as YYYY, YYYY-MM or YYYY-MM-DD."
    )


def test_every_flaw_is_told_at_once() -> None:
    pairs = [("page", "2"), ("limit", "0"), ("status", "opn"), ("sort", "titel,-zzz"), ("verifiable", "x"), ("q", "")]
    flaws = refused(*pairs).errors
    assert [flaw["parameter"] for flaw in flaws] == ["page", "verifiable", "q", "status", "sort", "sort", "limit"]
    assert "Did you mean title?" in flaws[4]["detail"]
    for name in CHALLENGES.sortable:
        assert name in flaws[5]["detail"]


@pytest.mark.parametrize("pairs", [[("sort", "-status,title")], [("sort", "-status"), ("sort", "title")]])
def test_names_take_commas_or_repetition(pairs: list[tuple[str, str]]) -> None:
    assert CHALLENGES.list_query(pairs).sort == (("status", True), ("title", False))


# -- dates and times -------------------------------------------------------------------------------------------------


@given(st.dates())
@examples(50)
def test_a_day_is_read_as_it_was_meant(day: date) -> None:
    assert values(("period_start__lt", day.isoformat()), grammar=GRAMMARS["observations"]) == day


@pytest.mark.parametrize(
    "day",
    [
        "0000-01-01",
        "2026-02-30",
        "2026-13-01",
        "2026-1-1",
        "2026",
        "20260101",
        "1700000000",
        "0",
        "2026-01-01T00:00:00",
        "2026-01-01Z",
        "\uff12026-01-01",
        " 2026-01-01",
        "today",
        "",
        "10000-01-01",
        "-0001-01-01",
    ],
)
def test_what_is_no_day(day: str) -> None:
    refusal = refused(("period_start__lt", day), grammar=GRAMMARS["observations"])
    assert refusal.errors[0]["parameter"] == "period_start__lt"
    if day != "2026":
        assert refused(("identified_on__lt", day)).errors[0]["parameter"] == "identified_on__lt"


@pytest.mark.parametrize("partial", ["2026", "2026-02", "2026-02-28"])
def test_a_date_may_be_as_precise_as_what_is_known(partial: str) -> None:
    assert values(("identified_on__lt", partial)) == partial


@given(moments)
@examples(100)
def test_a_time_is_read_as_it_was_meant(moment: datetime) -> None:
    read = values(("created_at__lt", moment.isoformat()))
    assert read == moment
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31t12:00:00z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00+09:00", datetime(2026, 1, 31, 3, tzinfo=UTC)),
        ("2026-01-31T12:00:00.123456-05:30", datetime(2026, 1, 31, 17, 30, 0, 123456, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_with_any_zone_are_compared_in_utc(text: str, moment: datetime) -> None:
    assert values(("created_at__lt", text)) == moment


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+00:01",
        "0000-01-01T00:00:00Z",
        "2026-01-31T12:00:00",
        "2026-01-31",
        "2026-02-30T00:00:00Z",
        "2026-01-31T25:00:00Z",
        "2026-01-31T12:00:00+25:00",
        "1700000000",
        "1e9",
        "now",
        "",
        "-2026-01-31T12:00:00Z",
        "12026-01-31T12:00:00Z",
    ],
)
def test_what_is_no_time(text: str) -> None:
    """A time without a zone is nobody's; one that leaves the calendar in UTC cannot be compared."""
    assert refused(("created_at__lt", text)).errors[0]["parameter"] == "created_at__lt"


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wrong", "right"), [("statsu", "status"), ("titel", "title"), ("page_limit", "limit")])
def test_an_unknown_parameter_is_told_the_nearest_one_or_none(wrong: str, right: str) -> None:
    detail = refused((wrong, "x")).errors[0]["detail"]
    assert right in detail or "Did you mean" not in detail


@EVERY
def test_what_a_table_holds_beside_what_is_shown_cannot_be_asked_for(resource: Resource) -> None:
    """To filter, sort, count or show by a hidden column would tell it bit by bit: it is refused like an unknown one."""
    grammar = GRAMMARS[resource.name]
    hidden = [column.name for column in resource.rows.c if column.name not in resource.fields]
    assert "created_by" in hidden
    for name in (*hidden, "password", "id__contains"):
        for pairs in ((name, "x"), ("sort", name), ("sort", f"-{name}"), ("fields", name), ("facets", name)):
            if pairs[0] in grammar.filters or name in grammar.facetable:
                continue
            reported = refused(pairs, grammar=grammar).errors[0]
            unknown = refused((pairs[0].replace(name, "zzzzzzzz"), pairs[1].replace(name, "zzzzzzzz")), grammar=grammar)
            assert reported["parameter"] == unknown.errors[0]["parameter"].replace("zzzzzzzz", name)
            assert reported["detail"].split(".")[0] == unknown.errors[0]["detail"].split(".")[0].replace(
                "zzzzzzzz", name
            )


@EVERY
def test_every_field_that_can_be_sorted_or_shown_is_one_that_is_shown(resource: Resource) -> None:
    grammar = GRAMMARS[resource.name]
    assert set(grammar.sortable) <= set(resource.fields)
    assert {each.target for each in grammar.filters.values() if each.how == "field"} <= {
        *resource.fields,
        "subject_type",
    }
    assert issubclass(resource.read, RecordRead)
    assert issubclass(resource.table, Record)
    assert not issubclass(resource.create, Record), "a table's own class validates nothing"


@pytest.mark.parametrize("parameter", ["q", "limit", "cursor", "as_of", "count"])
def test_what_takes_one_value_is_given_once(parameter: str) -> None:
    (flaw,) = refused((parameter, "json"), (parameter, "json")).errors
    assert flaw["parameter"] == parameter
    assert "once" in flaw["detail"]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("sort", ""),
        ("sort", "title,"),
        ("sort", "-"),
        ("sort", "--title"),
        ("sort", "title,-title"),
        ("sort", "title desc"),
        ("fields", ""),
        ("fields", "slug,slug"),
        ("fields", "slug, title"),
        ("include", "sources,themes,nothing"),
        ("include", "themes.parent"),
        ("facets", "title"),
        ("count", "1"),
        ("count", "TRUE"),
        ("count", ""),
        ("q", ""),
        ("q", "a" * 201),
        ("status", ""),
        ("status", "OPEN"),
        ("identified_on__isnull", "yes"),
        ("title__contains", ""),
        ("title__contains", "a" * 201),
        ("partnership", "No Slug"),
        ("partnership", ""),
        ("cursor", "a" * 2001),
    ],
)
def test_what_is_refused_names_the_parameter(parameter: str, value: str) -> None:
    assert refused((parameter, value)).errors[0]["parameter"] == parameter


@pytest.mark.parametrize("text", ["\x00", "a\x00", "\ud800", "\x7f", "\x1b", "a\rb"])
@pytest.mark.parametrize(
    "parameter", ["q", "title", "title__contains", "partnership", "sort", "cursor", "\ud800", "a\x00"]
)
def test_text_that_cannot_be_stored_cannot_be_asked_for(parameter: str, text: str) -> None:
    flaw = refused((parameter, text)).errors[0]
    assert text not in flaw["detail"]
    assert flaw["parameter"] in (parameter, "?")


def test_a_query_takes_so_many_filter_values_and_no_more() -> None:
    assert CHALLENGES.list_query([("title", f"t{number}") for number in range(MAX_TERMS)])
    many = [("title", f"t{number}") for number in range(MAX_TERMS - 1)]
    for more in ([("slug", "a"), ("slug", "b")], [("status", "open"), ("identified_on__isnull", "true")]):
        assert str(MAX_TERMS) in refused(*many, *more).detail


@pytest.mark.parametrize(
    "pairs",
    [
        [(f"identified_on__{number}", "1") for number in range(4000)],
        [("fields", ",".join(f"identified_o{number}" for number in range(4000)))],
        [("fields", ",".join(["slug"] * 12_000))],
        [("sort", ",".join(f"identified_o{number}" for number in range(4000)))],
        [("status", f"ope{number}") for number in range(5000)],
        [("slug", "a")] * 12_000,
        [("identified_o", "1")] * 6000,
        [(f"identified_o\0{number}", "1") for number in range(6000)],
    ],
    ids=["names", "fields", "fields again", "sort", "terms", "values", "a name again", "unstorable names"],
)
def test_any_number_of_mistakes_is_answered_quickly(pairs: list[tuple[str, str]]) -> None:
    """An address of 64 KB has room for thousands, and to look for the right name of each takes time."""
    begun = time.thread_time()
    assert len(refused(*pairs).errors) <= MAX_FLAWS
    assert time.thread_time() - begun < 1


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=20)), max_size=4))
@examples(200)
def test_any_parameters_are_understood_or_refused(pairs: list[tuple[str, str]]) -> None:
    try:
        CHALLENGES.list_query(pairs)
    except BadQuery as problem:
        orjson.dumps([problem.detail, problem.errors])


known = st.sampled_from(sorted({*CHALLENGES.filters, *CHALLENGES.list_parameters.model_fields}))
odd = st.one_of(
    st.text(max_size=10), st.sampled_from(["open", "true", "1", "-title", "2026-01-01", "csv", "a-slug", "themes"])
)


@given(st.lists(st.tuples(known, odd), max_size=4))
@examples(300)
def test_any_values_of_known_parameters_are_understood_or_refused(pairs: list[tuple[str, str]]) -> None:
    try:
        CHALLENGES.list_query(pairs)
    except BadQuery as problem:
        orjson.dumps([problem.detail, problem.errors])


# -- full text -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("q", "requested"),
    [
        ("one two", [["one"], ["two"]]),
        ('"one two"', [["one", "two"]]),
        ('a "b c" d', [["a"], ["b", "c"], ["d"]]),
        ("state-of-the-art", [["state"], ["of"], ["the"], ["art"]]),
        ('"state-of-the-art"', [["state", "of", "the", "art"]]),
        ('"open', [["open"]]),
        ('"" a', [["a"]]),
        ("CAFÉ", [["cafe"]]),
    ],
)
def test_what_a_query_asks_for(q: str, requested: list[list[str]]) -> None:
    assert phrases(q) == requested


@pytest.mark.parametrize("q", ["", " ", '""', "—", '"-"', "🤝", " ".join("a" * (MAX_WORDS + 1))])
def test_a_query_of_no_word_or_too_many_is_refused(q: str) -> None:
    with pytest.raises(BadQuery) as refused:
        phrases(q)
    assert refused.value.errors[0]["parameter"] == "q"
