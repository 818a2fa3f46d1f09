"""Shelves: documents of a resource and a partnership stand together, and a search looks nowhere else."""

from itertools import pairwise
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from app.core.storage import full_text, shelves
from app.core.storage.full_text import documents
from app.resources import ALL
from tests.support.generated_register import SMALL, TINY, Size
from tests.support.places import generated_registers
from tests.support.register import Register

__all__ = ["generated_registers"]


def test_each_resource_has_shelves_of_its_own() -> None:
    spans = sorted(shelves.of_resource(each.name) for each in ALL)
    assert all(one[1] < other[0] for one, other in pairwise(spans))
    assert 0 <= spans[0][0] <= spans[-1][1] < 1 << 63
    for resource in ALL:
        first, last = shelves.of_resource(resource.name)
        for partnership in (None, UUID(int=0), UUID(int=2**128 - 1), uuid4()):
            inside = shelves.of(resource.name, partnership)
            assert first <= inside[0] < inside[1] <= last


def found(client: httpx.Client, q: str, partnership: str) -> set[str]:
    """The types of what a search of a partnership finds, which the lists of it must find as well."""
    hits = client.get("/v1/search", params={"q": q, "partnership": partnership}).raise_for_status().json()["data"]
    types = {hit["record"]["type"] for hit in hits}
    for type_, name in (("challenge", "challenges"), ("citation", "citations")):
        listed = client.get(f"/v1/{name}", params={"q": q, "partnership": partnership}).raise_for_status().json()
        assert bool(listed["data"]) == (type_ in types)
    return types


def test_a_draft_that_moves_is_found_where_it_moved_to_with_what_is_said_of_it(editor: httpx.Client) -> None:
    word = f"zz{uuid4().hex[:12]}"
    names = [f"{each}-{word}" for each in ("one", "other")]
    for slug in names:
        body = {"slug": slug, "name": slug.partition("-")[0], "parties": ["IN", "KR"], "state": "published"}
        editor.post("/v1/partnerships", json=body).raise_for_status()
    citation = {"source": "ipsc-kashyap", "intent": "context", "note": f"About {word}."}
    draft = {"title": f"Draft {word}", "partnership": names[0], "citations": [citation]}
    created = editor.post("/v1/challenges", json=draft)
    created.raise_for_status()
    assert (found(editor, word, names[0]), found(editor, word, names[1])) == ({"challenge", "citation"}, set())
    address, tag = created.headers["Location"], created.headers["ETag"]
    moved = editor.patch(address, json={"partnership": names[1]}, headers={"If-Match": tag})
    moved.raise_for_status()
    assert (found(editor, word, names[0]), found(editor, word, names[1])) == (set(), {"challenge", "citation"})
    renamed = editor.patch(
        address, json={"title": f"Draft again {word}"}, headers={"If-Match": moved.headers["ETag"]}
    ).raise_for_status()
    assert found(editor, f"again {word}", names[1]) == {"challenge"}
    gone = editor.delete(address, headers={"If-Match": renamed.headers["ETag"]})
    gone.raise_for_status()
    assert found(editor, word, names[1]) == set()
    editor.post(f"{address}/restore").raise_for_status()
    assert "challenge" in found(editor, word, names[1])


def test_documents_stand_on_the_shelf_of_their_partnership(
    backend: str, generated_registers: dict[tuple[str, Size], Register]
) -> None:
    register = generated_registers[backend, TINY]
    partnership = register.get("/v1/partnerships/partnership-1").json()["id"]
    first, last = shelves.of("updates", UUID(partnership))
    here = sa.select(sa.func.count()).where(documents.c.number.between(first, last))
    drafts_too = register.get(
        "/v1/updates?partnership=partnership-1&limit=1&count=true", headers=register.authorization
    ).json()["total"]
    with register.engine.connect() as connection:
        assert connection.execute(here).scalar_one() == drafts_too > 0
        everywhere = sa.select(documents.c.resource, documents.c.number)
        for name, number in connection.execute(everywhere):
            span = shelves.of_resource(name)
            assert span[0] <= number <= span[1]


@pytest.mark.parametrize("q", ["body", "publ", "trade ric", "1", "tr", '"came of"', "trad ric chip nowhere"])
def test_a_word_is_found_alike_whether_its_endings_are_looked_up_or_not(
    generated_registers: dict[tuple[str, Size], Register], monkeypatch: pytest.MonkeyPatch, q: str
) -> None:
    register = generated_registers["sqlite", SMALL]
    answers = []
    for most in (0, 1, 30, 10_000):
        monkeypatch.setattr(full_text, "_MAX_ENDINGS", most)
        everywhere, listed, within = (
            register.get(path, params={"q": q, **more}).json()
            for path, more in (
                ("/v1/search", {"count": "true"}),
                ("/v1/updates", {"count": "true"}),
                ("/v1/search", {"partnership": "partnership-1"}),
            )
        )
        answers.append((everywhere, listed, within))
    assert answers[0] == answers[1] == answers[2] == answers[3]
    assert answers[0][0]["total"]
