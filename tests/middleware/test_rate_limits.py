"""Rate limits: who is counted, what every answer tells of it, and what happens beyond."""

import asyncio
import itertools
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from app.middleware.rate_limits import EXEMPT, client_of
from app.middleware.request_counts import LimitStatus, MemoryCounter, Policy
from app.middleware.shared_counts import SharedCounter
from app.settings import Settings
from tests.support.asgi import run
from tests.support.databases import Databases, require
from tests.support.problems import assert_problem, kind
from tests.support.redis import PROGRAM, Store, redis_running
from tests.support.server import Server, running

MANY = "5/day"
PLACES = itertools.count(1)
LEFT = re.compile(r'"(address|key)";r=(\d+);t=(\d+)')


def standing(response: httpx.Response) -> tuple[str, int]:
    """What an answer says: what was counted by, and how many are left."""
    reported = LEFT.fullmatch(response.headers["ratelimit"])
    assert reported is not None
    return reported[1], int(reported[2])


def limited(databases: Databases, **settings: object) -> Settings:
    """The settings of a server on which little may be asked."""
    changed = {"rate_limit": MANY, "key_rate_limit": MANY, **settings}
    return databases.excerpt("sqlite").model_copy(update=changed)


@pytest.fixture(scope="module")
def strict(databases: Databases) -> Iterator[Server]:
    """A server on which an address may ask little, and which believes a test that says where it comes from."""
    with running(limited(databases, key_rate_limit="1000/hour", trusted_proxies="127.0.0.1")) as server:
        yield server


@pytest.fixture
def place() -> dict[str, str]:
    """An address from which nothing has been asked yet, in the words of a proxy."""
    return {"X-Forwarded-For": f"2001:db8:{next(PLACES):x}::1"}


def unheard_of() -> str:
    """A list that nobody has read before, so that no response is ready."""
    return f"/v1/themes?limit=1&name__ne={uuid4().hex}"


def uncached(client: httpx.Client, many: int, start: int = 0) -> list[httpx.Response]:
    """Answers that nobody has ready."""
    return [client.get("/v1/themes", params={"limit": start + number + 1}) for number in range(many)]


def test_an_address_is_counted_told_and_refused(strict: Server, place: dict[str, str]) -> None:
    with strict.client(**place) as client:
        responses = uncached(client, 7)
        assert [response.status_code for response in responses] == [200] * 5 + [429] * 2
        assert [standing(response) for response in responses] == [("address", left) for left in (4, 3, 2, 1, 0, 0, 0)]
        assert {response.headers["ratelimit-policy"] for response in responses} == {'"address";q=5;w=86400'}
        last = responses[-1]
        assert_problem(last)
        assert kind(last) == "too-many-requests"
        assert 1 <= int(last.headers["retry-after"]) <= 86400
        assert last.headers["ratelimit"].endswith(f"t={last.headers['retry-after']}")

        # What looks after the server is never refused, and what is ready-made is given to everybody.
        for path in ("/healthz", "/readyz"):
            response = client.get(path)
            assert response.status_code == 200
            assert "ratelimit" not in response.headers
        assert uncached(client, 1)[0].status_code == 200


def test_a_neighbour_within_the_network_counts_as_the_same_client(strict: Server, place: dict[str, str]) -> None:
    with strict.client(**place) as client:
        neighbour = {"X-Forwarded-For": place["X-Forwarded-For"].replace("::1", "::beef:1")}
        assert standing(client.get(unheard_of())) == ("address", 4)
        assert standing(client.get(unheard_of(), headers=neighbour)) == ("address", 3)


def test_a_ready_made_answer_is_not_counted_but_tells_how_the_client_stands(
    strict: Server, place: dict[str, str]
) -> None:
    with strict.client(**place) as client:
        responses = [client.get("/v1/sources") for _ in range(20)]
        assert {response.status_code for response in responses} == {200}
        assert {standing(response) for response in responses} == {("address", 4)}
        again = client.get("/v1/sources", headers={"If-None-Match": responses[0].headers["etag"]})
        assert again.status_code == 304
        assert standing(again) == ("address", 4)


def test_a_key_is_counted_by_itself_and_changes_nothing_when_it_has_nothing_left(databases: Databases) -> None:
    with running(limited(databases)) as server, server.client() as anonymous:
        with server.client(**server.authorization) as editor:
            responses = [
                editor.post(
                    "/v1/themes", json={"name": f"Made {number}", "description": "It was.", "state": "published"}
                )
                for number in range(7)
            ]
            responses.append(editor.get("/v1/themes"))
        assert [response.status_code for response in responses] == [201] * 5 + [429] * 3
        assert [standing(response) for response in responses] == [("key", left) for left in (4, 3, 2, 1, 0, 0, 0, 0)]
        assert responses[0].headers["ratelimit-policy"] == '"key";q=5;w=86400'
        assert int(responses[-1].headers["retry-after"]) > 0
        assert_problem(responses[-1])
        stored = [anonymous.get(f"/v1/themes/made-{number}") for number in (4, 5)]
        assert [response.status_code for response in stored] == [200, 404]
        assert standing(stored[-1]) == ("address", 3)


def test_a_bad_credential_counts_against_the_address(strict: Server, place: dict[str, str]) -> None:
    with strict.client(**place, Authorization="Bearer wrong") as guessing, strict.client(**place) as anonymous:
        responses = uncached(guessing, 6)
        assert [response.status_code for response in responses] == [401] * 5 + [429]
        assert [standing(response) for response in responses] == [("address", left) for left in (4, 3, 2, 1, 0, 0)]
        assert anonymous.get(unheard_of()).status_code == 429
        good = anonymous.get("/v1/themes", headers=strict.authorization)
        assert good.status_code == 200
        assert standing(good)[0] == "key"


def test_a_credential_does_not_open_what_asks_for_none(strict: Server, place: dict[str, str]) -> None:
    with strict.client(**place, Authorization="Bearer wrong") as client:
        responses = [client.get("/.well-known/api-catalog") for _ in range(6)]
        assert [response.status_code for response in responses] == [200] * 5 + [429]
        assert_problem(responses[-1])


@pytest.mark.slow
def test_a_limit_can_be_left_out(databases: Databases) -> None:
    with running(limited(databases, rate_limit="", key_rate_limit="")) as server:
        with server.client() as client:
            responses = [*uncached(client, 9), client.get("/v1/themes", headers=server.authorization)]
        assert {response.status_code for response in responses} == {200}
        assert not any("ratelimit" in name for response in responses for name in response.headers)


def test_a_limit_slides(databases: Databases) -> None:
    with running(limited(databases, rate_limit="3/second")) as server, server.client() as client:
        deadline = time.monotonic() + 90
        for wanted in (200, 429, 200, 429):
            while (response := client.get(unheard_of())).status_code != wanted:
                assert time.monotonic() < deadline
            assert wanted == 200 or response.headers["retry-after"] in ("1", "2")


def test_what_looks_after_the_server_is_known() -> None:
    assert {"/healthz", "/readyz", "/metrics"} == EXEMPT


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("_hidden", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_client_is_an_address_or_a_network_of_its_own(host: str, client: str) -> None:
    assert client_of(host) == client


async def _counted(counter: MemoryCounter, policy: Policy, clients: list[str]) -> list[int]:
    found = [await counter.hit(policy, client) for client in clients]
    return [standing.remaining for standing in found if standing is not None]


def test_memory_is_bounded() -> None:
    policy = Policy.read("address", "10/hour")
    assert policy is not None
    counter = MemoryCounter(most=3)
    assert run(_counted(counter, policy, ["a", "b", "c", "a", "d", "a", "b"])) == [9, 9, 9, 8, 9, 7, 9]


# -- the store that processes share ------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    require(PROGRAM is not None, "Redis is not installed")
    with redis_running(tmp_path) as running_store:
        yield running_store


@pytest.mark.slow
@pytest.mark.redis
def test_processes_that_share_a_store_count_together(store: Store, databases: Databases) -> None:
    settings = limited(databases, limits_url=SecretStr(store.url("valkey")))
    with running(settings) as one, running(settings) as other, one.client() as first, other.client() as second:
        responses = [*uncached(first, 3), *uncached(second, 3)]
        assert [response.status_code for response in responses] == [200] * 5 + [429]
        assert [standing(response) for response in responses] == [("address", left) for left in (4, 3, 2, 1, 0, 0)]
        assert 1 <= int(responses[-1].headers["retry-after"]) <= 2 * 86400
        assert standing(second.get("/v1/themes", headers=other.authorization)) == ("key", 4)


@pytest.mark.slow
@pytest.mark.redis
def test_a_store_out_of_reach_lets_everybody_through(store: Store, databases: Databases, tmp_path: Path) -> None:
    settings = limited(databases, limits_url=SecretStr(store.url().replace("//", "//:a-secret-word@")))
    with running(settings) as server, server.client() as client:
        store.stop()
        responses = uncached(client, 12)
        assert {response.status_code for response in responses} == {200}
        assert responses[-1].headers["ratelimit-policy"] == '"address";q=5;w=86400'
        log = server.log(1000)
        assert log.count("the store of limits fails") == 1
        assert "a-secret-word" not in log


@pytest.mark.slow
@pytest.mark.redis
def test_a_store_that_comes_back_is_counted_in_again(store: Store, databases: Databases, tmp_path: Path) -> None:
    settings = limited(databases, limits_url=SecretStr(store.url()))
    with running(settings) as server, server.client() as client:
        store.stop()
        assert "ratelimit" not in client.get(unheard_of()).headers
        with redis_running(tmp_path, store.port):
            deadline = time.monotonic() + 90
            while "ratelimit" not in client.get(unheard_of()).headers:
                assert time.monotonic() < deadline


@pytest.mark.slow
@pytest.mark.redis
def test_a_store_that_is_slow_at_each_command_holds_up_nobody_for_long(store: Store) -> None:
    """Each comes in time, and a request needs several: it is let through uncounted."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
        while part := await reader.read(65536):
            await asyncio.sleep(delay)
            writer.write(part)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(asyncio.current_task())
        there, back = await asyncio.open_connection("127.0.0.1", store.port)
        await asyncio.gather(pump(reader, back, 0), pump(there, writer, 0.4))

    async def hit() -> LimitStatus | None:
        policy = Policy.read("address", MANY)
        assert policy is not None
        async with await asyncio.start_server(slow, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            counter = SharedCounter(SecretStr(f"redis://127.0.0.1:{port}/0"))
            try:
                return await counter.hit(policy, "somebody")
            finally:
                await counter.close()
                await asyncio.gather(*filter(None, connections))

    connections: list[asyncio.Task[None] | None] = []
    assert run(hit()) is None


# -- settings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rate_limit", "many"),
        ("rate_limit", "5"),
        ("rate_limit", "0/minute"),
        ("rate_limit", "5/fortnight"),
        ("rate_limit", "5/minute;9/hour"),
        ("key_rate_limit", "-5/minute"),
        ("limits_url", "localhost:6379"),
        ("limits_url", "http://localhost:6379"),
        ("limits_url", "redis://:hunter2@localhost:no"),
        ("limits_url", "redis://"),
        ("trusted_proxies", "*"),
        ("trusted_proxies", "10.0.0.1/8"),
        ("trusted_proxies", "proxy.example"),
        ("header_seconds", "0"),
        ("connections", "0"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_in_words(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None, **{name: value})
    (error,) = refused.value.errors()
    assert error["loc"] == (name,)
    assert "hunter2" not in str(error["msg"])


@pytest.mark.parametrize("value", ["100/minute", "5 per second", "1000 per 2 hour", "", " 7/day "])
def test_a_rate_can_be_written_as_people_do(value: str) -> None:
    assert Settings(_env_file=None, rate_limit=value).rate_limit == value.strip()
