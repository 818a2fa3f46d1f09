"""Webhooks: every public change is delivered, signed, in order, at least once, and never into the private network."""

import itertools
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import sqlalchemy as sa
from anyio import create_task_group, to_thread
from standardwebhooks.webhooks import Webhook as Verifier

import app.parts
from app.operations.prepare import migrate
from app.operations.webhooks import messages, store
from app.operations.webhooks.deliver import BACK_OFF, GIVEN_UP_AFTER, Deliverer
from app.resources import CATALOGUE
from tests.support.asgi import run
from tests.support.databases import Databases, opened
from tests.support.outside import Outside, Request, Site, canary, page, site
from tests.support.register import Register, application
from tests.support.server import running
from tests.support.waiting import SECONDS, eventually

URL = "http://public.example/hook"


@pytest.fixture(scope="module")
def own(backend: str, databases: Databases) -> Iterator[Register]:
    """A register for the tests of this module, which deliver by themselves when they want it."""
    settings = databases.empty(backend).model_copy(update={"cache_bytes": 0})
    with opened(settings) as database:
        migrate(database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.parts, "work_beside", lambda *given: iter(()))
        # Many deliver at once, and on a busy machine one of them may wait long for its turn to write.
        patch.setattr(app.parts, "SERVER_LOCK_SECONDS", 60)
        with application(settings) as register:
            yield register


@pytest.fixture(name="site")
def fixture_site() -> Iterator[Site]:
    """A receiver, public.example."""
    with site() as found:
        found.pages["/hook"] = page(204)
        yield found


class Admin:
    """An admin of a register, and who delivers for it, at a time that the test sets."""

    def __init__(self, register: Register, site: Site) -> None:
        self.register = register
        self.site = site
        self.outside = Outside()
        self.outside.serve("public.example", site.port)
        self.ahead = timedelta(0)

    def deliverer(self, version: Callable[[], int | None] = lambda: None) -> Deliverer:
        database = self.register.app.state.context.database
        return Deliverer(
            database,
            CATALOGUE,
            version,
            lambda name, allowed: self.outside.outbound(name, allowed=allowed),
            lambda: datetime.now(UTC) + self.ahead,
        )

    def deliver(self) -> None:
        run(self.deliverer().deliver())

    def call(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        headers = {**self.register.authorization, "If-Match": "*"}
        response = self.register.request(method, path, json=body, headers=headers)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    def subscribe(self, **body: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.call("POST", "/v1/webhooks", {"url": URL, **body}, 201)
        return found

    def theme(self, state: str = "published") -> str:
        name = f"t{secrets.token_hex(6)}"
        self.call("POST", "/v1/themes", {"name": name, "slug": name, "state": state}, 201)
        return name

    def shown(self, webhook: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", f"/v1/webhooks/{webhook['id']}")
        return found

    def log(self, webhook: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", f"/v1/webhooks/{webhook['id']}/deliveries?limit=200")["data"]
        return found

    def messages(self, webhook: dict[str, Any]) -> list[Request]:
        """What a subscription was sent; each is signed, and the signature holds for five minutes."""
        found = [each for each in self.site.requests if each.headers["webhook-id"].startswith(webhook["id"])]
        for each in found if self.ahead < timedelta(minutes=4) else ():
            Verifier(webhook["secret"]).verify(each.body, each.headers)
        return found


@pytest.fixture
def admin(own: Register, site: Site) -> Iterator[Admin]:
    """An admin, whose subscriptions end with the test."""
    admin = Admin(own, site)
    yield admin
    for each in admin.call("GET", "/v1/webhooks")["data"]:
        admin.call("DELETE", f"/v1/webhooks/{each['id']}", status=204)


def slugs(messages: list[Request]) -> list[str]:
    """Of which records messages speak."""
    return [json.loads(each.body)["data"]["slug"] for each in messages]


def test_every_public_change_is_delivered_in_order_and_signed(admin: Admin) -> None:
    admin.theme()
    webhook = admin.subscribe()
    draft, first, second = admin.theme("draft"), admin.theme(), admin.theme()
    admin.call("PATCH", f"/v1/themes/{first}", {"description": "Now described."})
    admin.call("DELETE", f"/v1/themes/{second}", status=204)
    admin.deliver()
    sent = admin.messages(webhook)
    assert slugs(sent) == [first, second, first, second], draft
    bodies = [json.loads(each.body) for each in sent]
    assert [each["type"] for each in bodies] == [
        "themes.create",
        "themes.create",
        "themes.update",
        "themes.withdraw",
    ]
    feed = admin.register.get(f"/v1/changes?since={webhook['delivered_seq']}").json()["data"]
    assert [each["data"] for each in bodies] == feed
    assert [each.headers["webhook-id"] for each in sent] == [f"{webhook['id']}_{each['seq']}" for each in feed]
    assert admin.shown(webhook)["delivered_seq"] == feed[-1]["seq"]
    admin.deliver()
    assert len(admin.messages(webhook)) == 4, "each once, where nothing goes wrong"
    assert {each["state"] for each in admin.log(webhook)} == {"delivered"}


def test_a_subscription_may_be_to_a_part(admin: Admin) -> None:
    admin.call("POST", "/v1/partnerships", partnership := {**PARTNERSHIP, "slug": f"p{secrets.token_hex(6)}"}, 201)
    themes = admin.subscribe(resources=["themes"])
    of_one = admin.subscribe(partnership=partnership["slug"])
    theme = admin.theme()
    admin.call("PATCH", f"/v1/partnerships/{partnership['slug']}", {"summary": "Another one."})
    admin.deliver()
    assert slugs(admin.messages(themes)) == [theme]
    assert slugs(admin.messages(of_one)) == [partnership["slug"]]


PARTNERSHIP = {"name": "A and B", "summary": "One.", "parties": ["IN", "KR"], "state": "published"}


def test_what_is_not_taken_is_tried_again_later_and_nothing_goes_before_it(admin: Admin) -> None:
    webhook = admin.subscribe()
    admin.site.pages["/hook"] = page(500)
    first, second = admin.theme(), admin.theme()
    for attempt, wait in enumerate(BACK_OFF[:3], 1):
        admin.deliver()
        admin.deliver()
        shown = admin.shown(webhook)
        assert shown["attempts"] == attempt, "not before its time"
        assert slugs(admin.messages(webhook)) == [first] * attempt
        assert shown["failing_since"] is not None
        admin.ahead += wait
    assert {each["status_code"] for each in admin.log(webhook)} == {500}
    admin.site.pages["/hook"] = page(200)
    admin.deliver()
    assert slugs(admin.messages(webhook))[3:] == [first, second]
    assert len({each.headers["webhook-id"] for each in admin.messages(webhook)}) == 2, "the same message ids"
    shown = admin.shown(webhook)
    assert (shown["attempts"], shown["failing_since"], shown["next_attempt_at"]) == (0, None, None)


def test_a_receiver_that_takes_nothing_for_three_days_is_left_and_goes_on_where_it_stopped(admin: Admin) -> None:
    webhook = admin.subscribe()
    admin.site.pages["/hook"] = page(503, b"", Retry_After="3600")
    theme = admin.theme()
    admin.deliver()
    admin.ahead = timedelta(minutes=59)
    admin.deliver()
    assert len(admin.messages(webhook)) == 1, "it asked to be left alone for an hour"
    admin.ahead = GIVEN_UP_AFTER + timedelta(minutes=1)
    admin.deliver()
    shown = admin.shown(webhook)
    assert not shown["enabled"]
    assert "three days" in shown["disabled_reason"]
    admin.site.pages["/hook"] = page(200)
    admin.deliver()
    assert len(admin.messages(webhook)) == 2
    again = admin.call("PATCH", f"/v1/webhooks/{webhook['id']}", {"enabled": True})
    assert (again["enabled"], again["disabled_reason"], again["failing_since"]) == (True, None, None)
    admin.deliver()
    assert slugs(admin.messages(webhook)) == [theme] * 3
    admin.site.pages["/hook"] = page(410)
    admin.theme()
    admin.deliver()
    assert not admin.shown(webhook)["enabled"], "who answers 410 wants no more"


def test_nothing_is_delivered_into_the_private_network(admin: Admin) -> None:
    with canary() as hidden:
        admin.outside.names["inside.example"] = [["127.0.0.1"]]
        subscribed = [admin.subscribe(url=url) for url in hidden.urls if "\N{IDEOGRAPHIC FULL STOP}" not in url]
        subscribed.append(admin.subscribe(url=f"http://inside.example:{hidden.port}/"))
        subscribed.append(admin.subscribe())
        admin.site.pages["/hook"] = page(307, b"", Location=hidden.urls[0])
        admin.theme()
        for each in subscribed:
            admin.call("POST", f"/v1/webhooks/{each['id']}/test")
        admin.deliver()
        for each in subscribed:
            assert [entry["state"] for entry in admin.log(each)] == ["failed", "failed"]
        assert hidden.visits == 0


def test_a_test_and_what_is_asked_for_again_are_sent_once(admin: Admin) -> None:
    webhook = admin.subscribe()
    path = f"/v1/webhooks/{webhook['id']}"
    first, second = admin.theme(), admin.theme()
    admin.deliver()
    one = admin.messages(webhook)[0]
    seq = json.loads(one.body)["data"]["seq"]
    requested = admin.call("POST", f"{path}/test")
    assert (requested["state"], requested["seq"]) == ("pending", None)
    admin.call("POST", f"{path}/redeliver", {"seq": seq})
    admin.deliver()
    _, _, test, again = admin.messages(webhook)
    assert json.loads(test.body)["type"] == "test"
    assert test.headers["webhook-id"] == requested["message_id"]
    assert (again.headers["webhook-id"], again.body) == (one.headers["webhook-id"], one.body)
    assert [each["state"] for each in admin.log(webhook)] == ["delivered"] * 4
    admin.call("POST", f"{path}/redeliver", {"since": seq - 1})
    admin.deliver()
    assert slugs(admin.messages(webhook)[4:]) == [first, second]
    for wrong in ({}, {"seq": 1, "since": 1}, {"seq": 2**50}, {"seq": -1}, {"since": "1"}):
        admin.call("POST", f"{path}/redeliver", wrong, 422)


def test_two_processes_deliver_each_message_once(admin: Admin) -> None:
    webhook = admin.subscribe()
    subscribed = [admin.theme() for _ in range(5)]
    with ThreadPoolExecutor(3) as threads:
        for each in [threads.submit(run, admin.deliverer().deliver()) for _ in range(3)]:
            each.result()
    admin.deliver()
    assert slugs(admin.messages(webhook)) == subscribed


def test_a_receiver_that_takes_its_time_holds_up_no_other(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "SEND_SECONDS", 4 * SECONDS)
    asked, answer, end = threading.Event(), threading.Event(), threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        answer.wait(3 * SECONDS)
        page(204)(handler)

    async def delivering(deliverer: Deliverer) -> None:
        async with create_task_group() as tasks:
            tasks.start_soon(deliverer.run)
            await to_thread.run_sync(end.wait)
            tasks.cancel_scope.cancel()

    admin.site.pages["/slow"] = slow
    admin.subscribe(url="http://public.example/slow")
    quick = admin.subscribe()
    admin.theme()
    with ThreadPoolExecutor(1) as thread:
        delivered = thread.submit(run, delivering(admin.deliverer(itertools.count().__next__)))
        try:
            eventually(asked.is_set)
            later = admin.theme()
            eventually(lambda: later in slugs(admin.messages(quick)))
        finally:
            answer.set()
            end.set()
        delivered.result()


@pytest.mark.parametrize(("column", "value"), [("created_at", "never"), ("resources", "[[["), ("url", b"\xff")])
def test_a_subscription_that_was_spoiled_from_outside_holds_up_no_other(
    admin: Admin, backend: str, column: str, value: str | bytes
) -> None:
    if backend == "postgresql":
        pytest.skip("PostgreSQL takes no such value")
    spoiled, other = admin.subscribe(), admin.subscribe()
    database = admin.register.app.state.context.database
    with database.writing() as connection:
        put = sa.text(f"UPDATE webhook SET {column} = :value WHERE id = :id")
        connection.execute(put, {"value": value, "id": spoiled["id"]})
    try:
        theme = admin.theme()
        admin.deliver()
        assert [json.loads(each.body)["data"]["slug"] for each in admin.messages(other)] == [theme]
        listed = [each["id"] for each in admin.call("GET", "/v1/webhooks")["data"]]
        assert (other["id"] in listed, spoiled["id"] in listed) == (True, False)
    finally:
        with database.writing() as connection:
            store.remove(connection, spoiled["id"])


def test_a_secret_is_shown_once_and_only_an_admin_subscribes(admin: Admin) -> None:
    dry = admin.call("POST", "/v1/webhooks?dry_run=true", {"url": URL})
    assert dry["secret"] is None
    webhook = admin.subscribe(description="For the desk")
    assert webhook["secret"].startswith("whsec_")
    assert "secret" not in admin.shown(webhook)
    assert "secret" not in admin.call("GET", "/v1/webhooks")["data"][0]
    changed = admin.call("PATCH", f"/v1/webhooks/{webhook['id']}", {"description": None, "resources": ["themes"]})
    assert (changed["description"], changed["resources"], changed["url"]) == (None, ["themes"], URL)
    for wrong in (
        {"url": "ftp://a.example/x"},
        {"url": None},
        {"resources": ["things"]},
        {"partnership": "nowhere"},
        {"secret": "x"},
        {"delivered_seq": 1},
        [],
    ):
        admin.call("PATCH", f"/v1/webhooks/{webhook['id']}", wrong, 422)
    key = admin.call("POST", "/v1/keys", {"name": "An editor", "role": "editor"}, 201)["token"]
    for headers, status in (({}, 401), ({"Authorization": f"Bearer {key}"}, 403)):
        for method, path in (
            ("GET", ""),
            ("POST", ""),
            ("GET", "/x"),
            ("PATCH", "/x"),
            ("DELETE", "/x"),
            ("POST", "/x/test"),
            ("POST", "/x/redeliver"),
            ("POST", "/x/rotate-secret"),
            ("GET", "/x/deliveries"),
        ):
            response = admin.register.request(method, f"/v1/webhooks{path}", json={}, headers=headers)
            assert response.status_code == status, (method, path, response.text)
    admin.call("GET", "/v1/webhooks/x", status=404)


def holds(secret: str, request: Request) -> bool:
    """Whether a receiver that knows one secret takes a message; the library alone would look at the clock as well."""
    headers = request.headers
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signature = Verifier(secret).sign(headers["webhook-id"], at, request.body.decode())
    return signature in headers["webhook-signature"].split(" ")


def test_a_secret_is_replaced_and_the_one_before_signs_for_a_day(admin: Admin) -> None:
    webhook = admin.subscribe()
    path = f"/v1/webhooks/{webhook['id']}/rotate-secret"
    dry = admin.call("POST", f"{path}?dry_run=true")
    assert dry["secret"] is None
    assert dry["former_secret_until"] is not None
    assert admin.shown(webhook)["former_secret_until"] is None, "nothing was stored"
    before = datetime.now(UTC)
    rotated = admin.call("POST", path)
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != webhook["secret"]
    until = datetime.fromisoformat(rotated["former_secret_until"])
    assert before + timedelta(hours=24) <= until <= datetime.now(UTC) + timedelta(hours=24)
    for shown in (admin.shown(webhook), admin.call("GET", "/v1/webhooks")["data"][0]):
        assert shown == {name: value for name, value in rotated.items() if name != "secret"}

    admin.theme()
    admin.deliver()
    (sent,) = admin.messages(webhook)
    assert admin.messages(rotated) == [sent], "both secrets verify it"
    assert [each[:3] for each in sent.headers["webhook-signature"].split(" ")] == ["v1,", "v1,"]

    # Replaced once more by mistake: whoever knows the first one is not cut off.
    third = admin.call("POST", path)
    admin.theme()
    admin.deliver()
    for known in (webhook, rotated, third):
        assert holds(known["secret"], admin.site.requests[-1])

    admin.ahead = timedelta(hours=24, minutes=1)
    admin.theme()
    admin.deliver()
    last = admin.site.requests[-1]
    assert [holds(known["secret"], last) for known in (webhook, rotated, third)] == [False, False, True]
    assert " " not in last.headers["webhook-signature"]


def test_a_secret_is_replaced_whatever_the_client_prefers_and_never_kept_for_later(admin: Admin) -> None:
    path = f"/v1/webhooks/{admin.subscribe()['id']}/rotate-secret"
    minimal = admin.register.request("POST", path, headers={**admin.register.authorization, "Prefer": "return=minimal"})
    assert minimal.json()["secret"].startswith("whsec_")
    again = admin.register.request("POST", path, headers={**admin.register.authorization, "Idempotency-Key": "one"})
    assert again.status_code == 400
    admin.call("POST", "/v1/webhooks/x/rotate-secret", status=404)
    secrets_ = [admin.call("POST", path)["secret"] for _ in range(8)]
    admin.theme()
    admin.deliver()
    signed = [holds(each, admin.site.requests[-1]) for each in secrets_]
    assert signed == [False] * 3 + [True] * 5, "the header stays short"


def test_the_log_keeps_the_latest(own: Register) -> None:
    with own.app.state.context.database.writing() as connection:
        values = {"url": URL, "description": None, "resources": [], "partnership": None, "enabled": False}
        id_, _ = store.create(connection, values, "test")
        result = {"status_code": 200, "milliseconds": 1, "detail": None}
        for seq in range(store.MAX_DELIVERIES + 60):
            store.log_attempt(connection, id_, f"m{seq}", seq, store.DeliveryState.delivered, result)
        count = sa.select(sa.func.count()).where(store.deliveries.c.webhook_id == id_)
        assert store.MAX_DELIVERIES <= connection.execute(count).scalar_one() <= store.MAX_DELIVERIES + 20
        assert [each["seq"] for each in store.recent(connection, id_, None, 2)] == [
            store.MAX_DELIVERIES + 59,
            store.MAX_DELIVERIES + 58,
        ]
        store.remove(connection, id_)


# -- killed ------------------------------------------------------------------------------------------------------------


def wait_until(condition: Callable[[], bool], seconds: float = 90) -> None:
    """Wait for something that is to happen."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before it is sent", "while it is sent"])
def test_what_was_committed_is_delivered_after_a_kill(backend: str, databases: Databases, moment: str) -> None:
    """With the same id, whether the process was killed before the receiver heard of it or before it could answer."""
    settings = databases.bundled(backend).model_copy(update={"webhook_networks": "127.0.0.0/8"})
    with site() as receiver:
        heard, killed = threading.Event(), threading.Event()

        def hold(handler: BaseHTTPRequestHandler) -> None:
            heard.set()
            killed.wait(60)
            page(204)(handler)

        receiver.pages["/hook"] = hold
        # With an argument it is a process of its own.
        with running(settings, "--workers", "1") as server, server.client(**server.authorization) as admin:
            subscribed = admin.post("/v1/webhooks", json={"url": f"http://127.0.0.1:{receiver.port}/hook"})
            assert subscribed.status_code == 201, subscribed.text
            webhook = subscribed.json()
            for name in ("First after all", "Second after all"):
                assert admin.post("/v1/themes", json={"name": name, "state": "published"}).status_code == 201
            if moment == "while it is sent":
                assert heard.wait(60)
            server.process.kill()
            server.process.wait()
            killed.set()
        before = [each.headers["webhook-id"] for each in receiver.requests]
        receiver.pages["/hook"] = page(204)
        receiver.requests.clear()
        with running(settings, "--workers", "1"):
            wait_until(lambda: len(receiver.requests) >= 2)
        sent = receiver.requests[:2]
        assert [json.loads(each.body)["data"]["slug"] for each in sent] == ["first-after-all", "second-after-all"]
        assert before[:1] in ([], [sent[0].headers["webhook-id"]])
        for each in sent:
            Verifier(webhook["secret"]).verify(each.body, each.headers)
