"""A file of records sent to /v1/import: the plan of it, all or nothing, and what no file may do."""

import io
import json
import re
import struct
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from app.core.importing.importer import Importer
from app.operations.prepare import migrate
from tests.support.databases import Databases, opened
from tests.support.register import Register, application
from tests.support.sent import watched

HEAD = {"format": "followthrough-bundle/1", "title": "A test"}
GOOD = {"resource": "themes", "slug": "good", "name": "Good"}


def lines(*records: Any, head: Any = HEAD) -> bytes:
    """A bundle as JSON Lines."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in (head, *records))


def sent(
    register: Register, body: bytes, media_type: str = "application/jsonl", *, query: str = "", **headers: str
) -> httpx.Response:
    """The response to a file."""
    own = {**register.authorization, "Content-Type": media_type, **headers}
    return register.request("POST", f"/v1/import{query}", content=body, headers=own)


def created(databases: Databases, backend: str) -> Any:
    """The settings of a register with nothing in it."""
    settings = databases.empty(backend).model_copy(update={"cache_bytes": 0})
    with opened(settings) as database:
        migrate(database)
    return settings


@pytest.fixture
def register(backend: str, small_registers: dict[str, Register]) -> Register:
    """A part of the bundled registers, which is left as it is."""
    return small_registers[backend]


@pytest.fixture
def empty(backend: str, databases: Databases) -> Iterator[Register]:
    """A register with nothing in it."""
    with application(created(databases, backend)) as register:
        yield register


@pytest.fixture(scope="module")
def untouched(databases: Databases) -> Iterator[Register]:
    """A register in which nothing is stored: everything that is sent to it is refused."""
    with application(created(databases, "sqlite")) as register:
        yield register
        assert register.get("/v1/changes?since=0").json()["data"] == []


def without_cursors(text: str) -> str:
    """A page of a list without where it goes on: that is sealed anew by every register."""
    return re.sub(r'"next(_cursor)?":"[^"]*"', "", text)


def outcomes(response: httpx.Response) -> dict[str, str]:
    """What becomes of each record."""
    assert response.status_code == 200, response.text
    return {entry["slug"]: entry["outcome"] for entry in response.json()["records"]}


# -- the whole register there and back --------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_export_loaded_elsewhere_gives_an_equal_register(register: Register, empty: Register) -> None:
    """Ids, revisions, moments and the numbers of the changes included."""
    bundle = register.get("/v1/export.jsonl").content
    answer = sent(empty, bundle)
    assert answer.status_code == 200, answer.text
    assert answer.json()["totals"]["created"] == len(bundle.splitlines()) - 1
    assert empty.get("/v1/export.jsonl").content == bundle
    for path in ("commitments", "milestones", "updates", "sources", "citations"):
        for ending in (".jsonl", "?limit=200&sort=-updated_at"):
            ours, theirs = (each.get(f"/v1/{path}{ending}") for each in (empty, register))
            assert without_cursors(ours.text) == without_cursors(theirs.text)
    ours, theirs = (
        each.get("/v1/commitments/trade-target-50bn-2030/revisions").json()["data"][0] for each in (empty, register)
    )
    assert [ours[name] for name in ("revision", "seq", "at")] == [theirs[name] for name in ("revision", "seq", "at")]
    again = sent(empty, bundle).json()["totals"]
    assert (again["created"], again["changed"], again["refused"]) == (0, 0, 0)
    assert empty.get("/v1/export.jsonl").content == bundle


# -- the plan ---------------------------------------------------------------------------------------------------------


def test_the_plan_says_what_becomes_of_each_record_field_by_field(empty: Register) -> None:
    first = lines(
        {**GOOD, "description": "Was."},
        {"resource": "themes", "slug": "child", "name": "Child"},
        {"resource": "themes", "slug": "same", "name": "Same"},
    )
    assert outcomes(sent(empty, first)) == dict.fromkeys(("good", "child", "same"), "created")
    second = lines(
        {"resource": "themes", "slug": "new", "name": "New", "parent": "child"},
        {"resource": "themes", "slug": "child", "name": "Child", "parent": "good"},
        {**GOOD, "description": "Is."},
        {"resource": "themes", "slug": "same", "name": "Same"},
    )
    tried = sent(empty, second, query="?dry_run=true")
    expected = {"new": "created", "child": "changed", "good": "changed", "same": "unchanged"}
    assert outcomes(tried) == expected
    assert tried.json()["stored"] is False
    changes = {entry["slug"]: entry.get("changes") for entry in tried.json()["records"]}
    assert changes["good"] == [{"field": "description", "old": "Was.", "new": "Is."}]
    assert changes["child"] == [{"field": "parent", "old": None, "new": "good"}]
    # Nothing was stored by trying.
    assert outcomes(sent(empty, second)) == expected
    assert set(outcomes(sent(empty, second)).values()) == {"unchanged"}
    assert outcomes(sent(empty, lines({**GOOD, "slug": "more"}), query="?mode=create")) == {"more": "created"}
    refused = sent(empty, lines({**GOOD, "description": "Else."}), query="?mode=create")
    assert refused.status_code == 422
    assert "mode=upsert" in refused.json()["errors"][0]["detail"]


def test_one_bad_record_among_many_is_named_and_nothing_is_stored(untouched: Register) -> None:
    many = [{"resource": "themes", "slug": f"theme-{n}", "name": f"Theme {n}"} for n in range(300)]
    many[177] = {"resource": "themes", "slug": "theme-177", "name": 7}
    answer = sent(untouched, lines(*many))
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "/problems/import-refused"
    (flaw,) = problem["errors"]
    assert {name: flaw[name] for name in ("resource", "slug", "row", "pointer")} == {
        "resource": "themes",
        "slug": "theme-177",
        "row": 179,
        "pointer": "/name",
    }


THEME = {"resource": "themes", "name": "T"}


@pytest.mark.parametrize(
    ("records", "reported"),
    [
        ([GOOD, GOOD], "given twice"),
        ([{**THEME, "slug": "a", "parent": "b"}, {**THEME, "slug": "b", "parent": "a"}], "circle"),
        ([{**THEME, "slug": "a", "parent": "a"}], "circle"),
        ([{**THEME, "slug": "a", "parent": "none-such"}], "There is no theme"),
        ([{**THEME, "slug": "a", "name": 7}, {**THEME, "slug": "b", "parent": "a"}], "is refused itself"),
        ([{**THEME, "slug": "a", "updated_at": "2999-01-01T00:00:00Z"}], "future"),
        ([{**THEME, "slug": "a", "created_at": "0"}], "Must be a time as RFC 3339 has it"),
        ([{**THEME, "slug": "a", "updated_at": "1700000000"}], "Must be a time as RFC 3339 has it"),
        ([{**THEME, "slug": "a", "id": "7"}], "/id"),
        ([{**THEME, "slug": "a", "revision": 0}], "/revision"),
        ([{**THEME, "slug": "a", "given_inside": True}], "/given_inside"),
        (
            [
                {"resource": "partnerships", "slug": "p", "name": "P", "parties": ["IN", "KR"]},
                {"resource": "challenges", "slug": "c", "title": "C", "partnership": "p", "state": "published"},
            ],
            "It is not published",
        ),
    ],
)
def test_what_cannot_be_taken_is_said(untouched: Register, records: list[Any], reported: str) -> None:
    answer = sent(untouched, lines(*records))
    assert answer.status_code == 422
    assert reported in answer.text
    tried = sent(untouched, lines(*records), query="?dry_run=true")
    assert tried.status_code == 200
    assert tried.json()["totals"]["refused"] >= 1


def test_citations_given_inside_are_stored_many_at_a_time(empty: Register) -> None:
    number = 300
    partnership = {"slug": "p", "name": "P", "parties": ["IN", "KR"]}
    source = {"slug": "s", "title": "S", "type": "document", "url": "https://example.org/s"}
    common = {"partnership": "p", "citations": [{"source": "s", "locator": "p. 1"}]}
    challenges = [{"slug": f"c{each}", "title": f"C {each}", **common} for each in range(number)]
    stored: list[str] = []
    with watched(empty.engine, lambda statement, parameters: stored.append(statement)):
        answer = sent(
            empty,
            lines(
                {"resource": "partnerships", **partnership},
                {"resource": "sources", **source},
                *({"resource": "challenges", **each} for each in challenges),
            ),
        )
    assert answer.json()["totals"]["created"] == number + 2
    assert empty.get("/v1/citations?count=true", headers=empty.authorization).json()["total"] == number
    assert sum(statement.startswith("INSERT INTO citation ") for statement in stored) < number / 10


# -- what the register has, and the file does not know of -------------------------------------------------------------


def test_what_was_edited_since_is_not_overwritten_unasked(empty: Register) -> None:
    sent(empty, lines({**GOOD, "state": "published"}))
    export = empty.get("/v1/export.jsonl").content
    match = {**empty.authorization, "If-Match": "*"}
    empty.request("PATCH", "/v1/themes/good", json={"description": "Edited."}, headers=match)
    edited = export.replace(b'"Good"', b'"Better"')
    refused = sent(empty, edited)
    assert refused.status_code == 422
    assert "It has changed since" in refused.json()["errors"][0]["detail"]
    # A mirror is meant to be equal to the file.
    assert outcomes(sent(empty, edited, query="?mode=mirror")) == {"good": "changed"}
    assert empty.get("/v1/themes/good").json()["name"] == "Better"
    # A rename, too: the file has the former slug.
    empty.request("PATCH", "/v1/themes/good", json={"slug": "renamed"}, headers=match)
    by_slug = sent(empty, lines({**GOOD, "name": "Other"}))
    assert "renamed in the register: it is now renamed" in by_slug.text
    empty.request("DELETE", "/v1/themes/renamed", headers=match)
    withdrawn = sent(empty, lines({**GOOD, "slug": "renamed"}))
    assert "was withdrawn in the register" in withdrawn.text


def test_a_mirror_withdraws_what_the_file_does_not_have_and_nothing_that_it_cannot_know(empty: Register) -> None:
    more = [{"resource": "themes", "slug": "more", "name": "More", "state": "published"}]
    draft = {"resource": "themes", "slug": "draft", "name": "Draft"}
    sent(empty, lines({**GOOD, "state": "published"}, *more, draft))
    only = lines({**GOOD, "state": "published"})
    assert outcomes(sent(empty, only, query="?mode=mirror")) == {"good": "unchanged", "more": "withdrawn"}
    assert empty.get("/v1/themes/more").status_code == 410
    assert empty.get("/v1/themes/draft", headers=empty.authorization).status_code == 200
    # What is in the file again comes back.
    assert (
        outcomes(sent(empty, lines({**GOOD, "state": "published"}, *more), query="?mode=mirror"))["more"] == "changed"
    )
    assert empty.get("/v1/themes/more").status_code == 200
    part = lines(GOOD, head={**HEAD, "scope": ["some"]})
    assert sent(empty, part, query="?mode=mirror").status_code == 409


# -- files that are none ----------------------------------------------------------------------------------------------


def zipped(*members: tuple[str, bytes]) -> bytes:
    """A zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def bomb() -> bytes:
    """A zip of a few hundred kilobytes that unpacks to 300 MiB."""
    return zipped(("bundle.jsonl", b"\n" * (300 * 2**20)))


def liar() -> bytes:
    """A zip whose member says that it is small."""
    honest = bytearray(zipped(("bundle.jsonl", lines(GOOD) + b"\n" * 100_000)))
    size = struct.pack("<L", len(lines(GOOD)) + 100_000)
    return bytes(honest.replace(size, struct.pack("<L", 10)))


YAML = "format: followthrough-bundle/1\n"
NO_FILES = {
    "empty": (b"", "application/jsonl", "must begin with"),
    "no head": (json.dumps(GOOD).encode(), "application/jsonl", "must begin with"),
    "not JSON": (lines() + b"{", "application/jsonl", "not JSON"),
    "no resource": (lines({"slug": "a"}), "application/jsonl", "which"),
    "unknown resource": (lines({"resource": "thmes", "slug": "a"}), "application/jsonl", "There is no resource"),
    "UTF-16": (lines(GOOD).decode().encode("utf-16"), "application/jsonl", "not UTF-8"),
    "Latin-1": (lines() + b'{"resource": "themes", "slug": "a", "name": "\xe9"}', "application/jsonl", "not UTF-8"),
    "a long line": (lines() + b" " * (2**21 + 2), "application/jsonl", "more than 2 MiB"),
    "NUL": (
        lines() + b'{"resource": "themes", "slug": "a", "name": "\\u0000"}',
        "application/jsonl",
        "cannot be stored",
    ),
    "twice a key": (lines() + b'{"resource": "themes", "slug": "a", "slug": "b"}', "application/jsonl", "twice"),
    "aliases": (
        (YAML + "themes:\n  - &a0 [x]\n" + "".join(f"  - &a{n + 1} [*a{n}, *a{n}]\n" for n in range(40))).encode(),
        "application/yaml",
        "Aliases are not taken",
    ),
    "tags": ((YAML + "themes: !!python/object/apply:os.getcwd []\n").encode(), "application/yaml", "Tags"),
    "no list": ((YAML + "themes: 7\n").encode(), "application/yaml", "must be a list"),
    "deep": ((YAML + "themes: " + "[" * 100_000).encode(), "application/yaml", "nested too deeply"),
    "YAML in UTF-16": ((YAML + "themes: []\n").encode("utf-16"), "application/yaml", "not UTF-8"),
    "a number beyond 64 bits": (
        (YAML + "themes:\n  - {slug: a, name: A, position: 9223372036854775808}\n").encode(),
        "application/yaml",
        "A number is out of range",
    ),
    "a scope that is none": (lines(GOOD, head={**HEAD, "scope": False}), "application/jsonl", "`scope` is a list"),
    "a title that is none": (lines(GOOD, head={**HEAD, "title": False}), "application/jsonl", "`title` is a text"),
    "drafts that are none": (lines(GOOD, head={**HEAD, "drafts": "true"}), "application/jsonl", "`drafts` is true or"),
    "a moment that is none": ((YAML + "as_of: false\nthemes: []\n").encode(), "application/yaml", "`as_of` is a text"),
    "no zip": (b"PK" + b"\0" * 100, "application/zip", "not a zip"),
    "no bundle in it": (zipped(("a.txt", b"a")), "application/zip", "no bundle.jsonl"),
    "a path out": (zipped(("../bundle.jsonl", lines(GOOD))), "application/zip", "leads out of it"),
    "an absolute path": (zipped(("/bundle.jsonl", lines(GOOD))), "application/zip", "leads out of it"),
    "many members": (zipped(*((f"{n}.txt", b"") for n in range(1100))), "application/zip", "1000 members"),
}


@pytest.mark.parametrize("what", NO_FILES)
def test_a_file_that_is_none_is_refused_clearly(untouched: Register, what: str) -> None:
    body, media_type, reported = NO_FILES[what]
    answer = sent(untouched, body, media_type)
    assert answer.status_code == 422, answer.text
    assert reported.lower() in answer.text.lower()
    assert answer.json()["errors"]


def test_bombs_are_refused_before_they_are_unpacked(untouched: Register) -> None:
    body = bomb()
    begun = time.process_time()
    answer = sent(untouched, body, "application/zip")
    assert answer.status_code == 422
    assert "unpack to more than" in answer.text
    assert time.process_time() - begun < 2
    assert sent(untouched, liar(), "application/zip").status_code == 422


def test_a_head_without_values_is_taken(empty: Register) -> None:
    nothing = dict.fromkeys(("title", "licence", "drafts", "scope", "as_of"))
    assert outcomes(sent(empty, lines(GOOD, head={**HEAD, **nothing}))) == {"good": "created"}


def test_marks_and_line_ends_of_windows_are_taken(empty: Register) -> None:
    body = b"\xef\xbb\xbf" + lines(GOOD).replace(b"\n", b"\r\n")
    assert outcomes(sent(empty, body)) == {"good": "created"}


# -- who, how much, and in what way -----------------------------------------------------------------------------------


def test_only_editors_import(untouched: Register) -> None:
    request = {"content": lines(GOOD), "headers": {"Content-Type": "application/jsonl"}}
    assert untouched.request("POST", "/v1/import", **request).status_code == 401
    assert sent(untouched, lines(GOOD), "text/plain").status_code == 415
    assert sent(untouched, lines(GOOD), query="?mode=replace").status_code == 400
    assert sent(untouched, b"", **{"Content-Length": str(65 * 2**20)}).status_code == 413


def test_a_key_for_repeating_is_refused_with_what_sending_again_does(empty: Register) -> None:
    """What the refusal says is so: a row with a slug is made once, and one without twice."""
    refused = sent(empty, lines(GOOD), **{"Idempotency-Key": "once"})
    assert refused.status_code == 400
    assert "changes nothing when it is sent again; of rows without, look first" in refused.json()["detail"]
    for rows, again in ((b"slug,name\nrivers,Rivers\n", 0), (b"name\nRivers\n", 1)):
        plans = [sent(empty, rows, "text/csv", query="?resource=themes").json()["totals"]["created"] for _ in range(2)]
        assert plans == [1, again]


def test_during_an_import_readers_go_on_and_short_changes_are_told_to_come_back(
    empty: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/decisions/0031: it is one transaction, and does not give way in the middle."""
    begun, enough = threading.Event(), threading.Event()
    finish = Importer.finish

    def held(importer: Importer) -> None:
        begun.set()
        assert enough.wait(60)
        finish(importer)

    monkeypatch.setattr(Importer, "finish", held)
    theme = {"name": "Short", "slug": "short"}
    with ThreadPoolExecutor(1) as pool:
        imported = pool.submit(sent, empty, lines(GOOD))
        assert begun.wait(60)
        try:
            assert empty.get("/v1/themes").json()["data"] == []
            assert sent(empty, lines(GOOD)).status_code == 503
            short = empty.request("POST", "/v1/themes", json=theme, headers=empty.authorization)
            assert (short.status_code, short.headers["retry-after"]) == (503, "2")
        finally:
            enough.set()
        assert imported.result().json()["stored"]
    assert empty.request("POST", "/v1/themes", json=theme, headers=empty.authorization).status_code == 201
