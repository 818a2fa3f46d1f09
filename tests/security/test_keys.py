"""Keys: shown once, kept as a digest, each as far as its role reaches, and ended at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.core.visibility import Role
from app.errors import NotFound, Unauthorized
from app.operations.prepare import migrate
from app.security.keys import KeyRole, Keys
from tests.support.databases import Databases, opened
from tests.support.editor import fresh
from tests.support.server import Server


class Day:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def day() -> Day:
    return Day()


@pytest.fixture
def keys(backend: str, databases: Databases, day: Day) -> Iterator[Keys]:
    """The keys of a register with nothing in it."""
    with opened(databases.empty(backend)) as database:
        migrate(database)
        yield Keys(database, day)


@contextmanager
def writing(keys: Keys) -> Iterator[sa.Connection]:
    with keys._database.writing() as connection:
        yield connection


def created(keys: Keys, role: KeyRole = KeyRole.editor, **more: Any) -> tuple[str, str]:
    """A new key: its id and its token."""
    with writing(keys) as connection:
        shown, token = keys.create(connection, "A desk", role, "admin", **more)
    return shown["id"], token


def shown(keys: Keys, id_: str) -> dict[str, Any]:
    with keys._database.reading() as connection:
        return keys.get(connection, id_)


@pytest.mark.parametrize("role", KeyRole)
def test_a_token_is_good_for_its_role(keys: Keys, role: KeyRole) -> None:
    id_, token = created(keys, role)
    viewer = keys.viewer(token)
    assert (viewer.role, viewer.actor) == (Role[role.value], id_)


def test_only_a_digest_is_kept(keys: Keys) -> None:
    _, token = created(keys)
    secret = token.rpartition("_")[2]
    with keys._database.reading() as connection:
        for table in sa.inspect(connection).get_table_names():
            for row in connection.execute(sa.text(f'SELECT * FROM "{table}"')):
                assert secret not in str(tuple(row))


def test_what_is_not_quite_the_token_is_refused(keys: Keys) -> None:
    id_, token = created(keys)
    other, _ = created(keys)
    secret = token.rpartition("_")[2]
    wrong = [
        token[:-1],
        f"{token}0",
        token.upper(),
        f"ft_{other}_{secret}",
        f"ft_{id_}_{'0' * 64}",
        f"ft_{id_}_",
        f"ft_zzzzzzzzzzzz_{secret}",
        "ft_",
        secret,
        f"ft_{id_}_{secret}\n",
    ]
    for each in wrong:
        with pytest.raises(Unauthorized) as refused:
            keys.viewer(each)
        assert secret not in refused.value.detail


def test_a_key_ends_when_it_expires(keys: Keys, day: Day) -> None:
    _, token = created(keys, expires_at=day.now + timedelta(hours=1))
    day.now += timedelta(minutes=59, seconds=59)
    assert keys.viewer(token).role is Role.editor
    day.now += timedelta(seconds=1)
    with pytest.raises(Unauthorized, match="expired"):
        keys.viewer(token)


def test_a_key_ends_when_it_is_revoked_and_only_once(keys: Keys, day: Day) -> None:
    id_, token = created(keys)
    assert keys.any_usable()
    with writing(keys) as connection:
        keys.revoke(connection, id_, "one")
    first = shown(keys, id_)["revoked_at"]
    day.now += timedelta(days=1)
    with writing(keys) as connection:
        keys.revoke(connection, id_, "another")
    assert (shown(keys, id_)["revoked_at"], shown(keys, id_)["revoked_by"]) == (first, "one")
    with pytest.raises(Unauthorized):
        keys.viewer(token)
    assert not keys.any_usable()


def test_what_is_not_there_cannot_be_revoked(keys: Keys) -> None:
    with pytest.raises(NotFound), writing(keys) as connection:
        keys.revoke(connection, "zzzzzzzzzzzz", "one")


def test_the_last_use_is_told_at_once_and_written_now_and_then(keys: Keys, day: Day) -> None:
    id_, token = created(keys)
    assert shown(keys, id_)["last_used_at"] is None
    keys.viewer(token)
    assert shown(keys, id_)["last_used_at"] == day.now
    beside = Keys(keys._database, day)
    assert shown(beside, id_)["last_used_at"] is None, "no write a request"
    keys.note_use()
    assert shown(beside, id_)["last_used_at"] == day.now
    # What another process has seen since is not put back.
    beside.viewer(token)
    day.now += timedelta(hours=1)
    keys.viewer(token)
    keys.note_use()
    beside.note_use()
    assert shown(beside, id_)["last_used_at"] == day.now


# -- over HTTP -------------------------------------------------------------------------------------------------------


def new(editor: httpx.Client, role: str, **more: Any) -> dict[str, Any]:
    """A key that the admin made."""
    response = editor.post("/v1/keys", json={"name": "A desk", "role": role, **more})
    assert response.status_code == 201, response.text
    key: dict[str, Any] = response.json()
    return key


@contextmanager
def using(server: Server, key: dict[str, Any]) -> Iterator[httpx.Client]:
    with server.client(Authorization=f"Bearer {key['token']}") as client:
        yield client


def test_an_admin_makes_shows_and_revokes_keys(editor: httpx.Client, server: Server) -> None:
    key = new(editor, "contributor")
    listed = {each["id"]: each for each in editor.get("/v1/keys").json()["data"]}
    assert "token" not in listed[key["id"]]
    assert key["created_by"] == "admin"
    with using(server, key) as client:
        assert client.get("/v1/themes").status_code == 200
        response = editor.get(f"/v1/keys/{key['id']}")
        assert response.json()["last_used_at"] is not None
        assert response.headers["cache-control"] == "private, no-store"
        assert editor.delete(f"/v1/keys/{key['id']}").status_code == 204
        refused = client.get("/v1/themes")
        assert refused.status_code == 401, "revoked from the next request on, for reading as well"
    assert editor.get(f"/v1/keys/{key['id']}").json()["revoked_by"] == "admin"
    assert editor.delete("/v1/keys/zzzzzzzzzzzz").status_code == 404
    assert key["token"] not in server.log_file.read_text()


def test_keys_are_an_admins_business(anonymous: httpx.Client, editor: httpx.Client, server: Server) -> None:
    requests = [("GET", "/v1/keys"), ("POST", "/v1/keys"), ("GET", "/v1/keys/x"), ("DELETE", "/v1/keys/x")]
    for method, path in requests:
        assert anonymous.request(method, path).status_code == 401
    for role, expected in (("contributor", 403), ("editor", 403), ("admin", None)):
        with using(server, new(editor, role)) as client:
            for method, path in requests:
                status = client.request(method, path).status_code
                assert status == expected or (expected is None and status in (200, 404, 415)), (role, method)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"role": "editor"}, "/name"),
        ({"name": "x"}, "/role"),
        ({"name": "x", "role": "owner"}, "/role"),
        ({"name": "x", "role": "editor", "id": "y"}, "/id"),
        ({"name": "x", "role": "editor", "token": "y"}, "/token"),
        ({"name": "x", "role": "editor", "created_by": "y"}, "/created_by"),
        ({"name": "", "role": "editor"}, "/name"),
        ({"name": "x\u0000", "role": "editor"}, "/name"),
        ({"name": "x\ny", "role": "editor"}, "/name"),
        ({"name": "x", "role": "editor", "expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"name": "x", "role": "editor", "expires_at": "2030-01-01T00:00:00"}, "/expires_at"),
        ({"name": "x", "role": "editor", "expires_at": "9999-12-31T23:59:59-12:00"}, "/expires_at"),
    ],
)
def test_a_body_that_is_wrong_is_refused_where_it_is(editor: httpx.Client, body: dict[str, Any], pointer: str) -> None:
    before = len(editor.get("/v1/keys").json()["data"])
    response = editor.post("/v1/keys", json=body)
    assert response.status_code == 422
    assert [each["pointer"] for each in response.json()["errors"]] == [pointer]
    assert len(editor.get("/v1/keys").json()["data"]) == before


@pytest.mark.parametrize(
    ("expires_at", "stored"),
    [
        ("2099-01-01T00:00:00Z", "2099-01-01T00:00:00Z"),
        ("2099-01-01T09:00:00.5+09:00", "2099-01-01T00:00:00.500000Z"),
        (None, None),
    ],
)
def test_a_key_is_given_its_end(editor: httpx.Client, expires_at: str | None, stored: str | None) -> None:
    response = editor.post("/v1/keys", json={"name": "x", "role": "editor", "expires_at": expires_at})
    assert response.status_code == 201
    assert response.json()["expires_at"] == stored


def test_a_key_that_is_only_tried_is_not_made(editor: httpx.Client) -> None:
    before = len(editor.get("/v1/keys").json()["data"])
    response = editor.post("/v1/keys?dry_run=true", json={"name": "x", "role": "editor"})
    assert (response.status_code, response.json()["token"]) == (200, None)
    assert len(editor.get("/v1/keys").json()["data"]) == before


def test_the_secret_is_not_kept_for_who_repeats_a_request(editor: httpx.Client) -> None:
    response = editor.post("/v1/keys", json={"name": "x", "role": "editor"}, headers={"Idempotency-Key": "again"})
    assert response.status_code == 400
    minimal = editor.post("/v1/keys", json={"name": "x", "role": "editor"}, headers={"Prefer": "return=minimal"})
    assert minimal.json()["token"].startswith("ft_")


def test_two_credentials_are_none(anonymous: httpx.Client, server: Server) -> None:
    bearer = server.authorization["Authorization"]
    assert (
        anonymous.get("/v1/themes", headers=[("Authorization", bearer), ("Authorization", bearer)]).status_code == 401
    )


# -- what each role may do -------------------------------------------------------------------------------------------


def test_a_contributor_writes_drafts_and_sees_its_own(
    anonymous: httpx.Client, editor: httpx.Client, server: Server
) -> None:
    with using(server, new(editor, "contributor")) as one, using(server, new(editor, "contributor")) as other:
        # Of a partnership of its own: tests of the bundled ones count on them as they are.
        names = {"slug": fresh("partnership"), "name": "Two and a key", "parties": ["IN", "KR"], "state": "published"}
        assert editor.post("/v1/partnerships", json=names).status_code == 201
        body = {"partnership": names["slug"], "title": "A draft of one's own"}
        draft = one.post("/v1/challenges", json=body)
        assert draft.status_code == 201
        path = draft.headers["location"]
        assert one.get(path).status_code == 200
        assert one.get(f"/v1/challenges?slug={draft.json()['slug']}").json()["data"]
        for client in (anonymous, other):
            assert client.get(path).status_code == 404
            assert not client.get(f"/v1/challenges?slug={draft.json()['slug']}").json()["data"]
        tag = {"If-Match": draft.headers["etag"]}
        assert other.patch(path, json={"summary": "x"}, headers=tag).status_code == 404
        changed = one.patch(path, json={"summary": "Said better."}, headers=tag)
        assert changed.status_code == 200
        tag = {"If-Match": changed.headers["etag"]}
        refused = one.patch(path, json={"state": "published"}, headers=tag)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/state")
        assert one.post(f"{path}/publish").status_code == 403
        assert editor.post(f"{path}/publish", json={"note": "Checked."}).status_code == 200
        assert anonymous.get(path).json()["summary"] == "Said better."
        assert one.patch(path, json={"summary": "x"}, headers={"If-Match": "*"}).status_code == 403
        assert one.delete(path, headers={"If-Match": "*"}).status_code == 403
        assert one.post(f"{path}/withdraw", headers={"If-Match": "*"}).status_code == 403
        reported = editor.get(f"{path}/revisions").json()["data"]
        assert [(each["action"], each["note"]) for each in reported] == [
            ("publish", "Checked."),
            ("update", None),
            ("create", None),
        ]


def test_a_contributor_can_create_nothing_published(editor: httpx.Client, server: Server) -> None:
    with using(server, new(editor, "contributor")) as client:
        body = {"partnership": "india-south-korea", "title": "Straight to the public", "state": "published"}
        response = client.post("/v1/challenges", json=body)
        assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/state")
        assert client.put("/v1/challenges/straight-to-the-public", json=body).status_code == 422


def test_what_a_key_sees_is_kept_by_nobody_else(editor: httpx.Client, server: Server) -> None:
    with using(server, new(editor, "contributor")) as client:
        for path in ("/v1/challenges", "/v1/partnerships/india-south-korea/scorecard", "/v1/search?q=trade"):
            assert client.get(path).headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("column", "value"), [("created_at", "never"), ("expires_at", "never"), ("digest", b"\xff"), ("role", "owner")]
)
def test_a_key_that_was_spoiled_from_outside_is_refused_and_left_out_and_the_others_stay(
    keys: Keys, backend: str, caplog: pytest.LogCaptureFixture, column: str, value: str | bytes
) -> None:
    if backend == "postgresql" and column != "role":
        pytest.skip("PostgreSQL takes no such value")
    (spoiled, token), (other, other_token) = created(keys), created(keys)
    with writing(keys) as connection:
        put = sa.text(f"UPDATE api_key SET {column} = :value WHERE id = :id")
        connection.execute(put, {"value": value, "id": spoiled})
    assert keys.viewer(other_token).actor == other
    if column != "created_at":  # which no request depends on
        with pytest.raises(Unauthorized):
            keys.viewer(token)
        assert spoiled in caplog.text
    with keys._database.reading() as connection:
        listed = [each["id"] for each in keys.all(connection)]
    assert set(listed) == ({spoiled, other} if column == "digest" else {other})
