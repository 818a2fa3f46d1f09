"""The log: a line a request, in either form, and nothing in it that a client could have meant to keep to itself."""

import json
import logging
import logging.config
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from pydantic import SecretStr

from app.server.logs import HIDDEN, LogFormat, PathDiscretion, clean, configuration, current_request
from app.settings import Settings
from tests.support.databases import Databases
from tests.support.server import Server, running
from tests.support.waiting import eventually
from tests.support.wire import exchange

FORMS: tuple[LogFormat, ...] = ("console", "json")
TOKEN = "canary-admin-token"
KEY = "ft_01a204618eb5_canarykeysecret"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.canarysignature"
RANDOM = "Zq3canaryVt7Lw0pXs8Rb2Nf6Kd1"
CANARY = re.compile("canary|Zq3|Kd1", re.IGNORECASE)


@pytest.fixture(scope="module")
def empty(databases: Databases) -> Settings:
    """A register with nothing in it, and an admin token to look for."""
    more = {"bundled": False, "admin_token": SecretStr(TOKEN)}
    return databases.empty("sqlite").model_copy(update=more)


def reported(server: Server, name: str = "followthrough.access") -> list[dict[str, object]]:
    """What a server that logs in JSON has said under a name."""
    lines = server.log_file.read_text().splitlines()
    return [each for line in lines if line.startswith("{") and (each := json.loads(line))["logger"] == name]


def test_each_request_is_one_line_for_programs(empty: Settings) -> None:
    settings = empty.model_copy(update={"log_format": "json"})
    with running(settings) as server, server.client() as client:
        for name in ("made", "ready-made"):
            client.get("/v1/themes?limit=3", headers={"X-Request-Id": name})
        client.head("/v1/themes/nothing%20here?as_of=2999-01-01T00:00:00Z", headers={"X-Request-Id": "head"})
        client.get("/no/such/place", headers={"X-Request-Id": "nowhere"})
        client.get("/static/site.css", headers={"X-Request-Id": "file"})
    lines = {str(line["request_id"]): line for line in reported(server)}
    expected = {
        "made": ("GET", "/v1/themes", "/v1/themes", 200),
        "ready-made": ("GET", "/v1/themes", "/v1/themes", 200),
        "head": ("HEAD", "/v1/themes/nothing%20here", "/v1/themes/{slug}", 404),
        "nowhere": ("GET", "/no/such/place", None, 404),
        "file": ("GET", "/static/site.css", "/static/{path}", 200),
    }
    for name, (method, path, route, status) in expected.items():
        line = lines[name]
        assert (line["method"], line["path"], line["route"], line["status"]) == (method, path, route, status)
        assert line["level"] == "INFO"
        assert line["key_id"] is None
        assert isinstance(line["milliseconds"], float)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(line["time"]))


@pytest.mark.parametrize("form", FORMS)
def test_what_was_asked_before_is_a_line_as_well(empty: Settings, form: LogFormat) -> None:
    """These lines are ready, and written together; none of them waits for anything, nor is one lost at the end."""
    with running(empty.model_copy(update={"log_format": form})) as server, server.client() as client:
        for number in range(5):
            client.get("/v1/themes?limit=3", headers={"X-Request-Id": f"known-{number}"})
        eventually(lambda: "known-4" in server.log_file.read_text())
        for number in range(5, 50):
            client.get("/v1/themes?limit=3", headers={"X-Request-Id": f"known-{number}"})
    lines = [line for line in server.log_file.read_text().splitlines() if "known-" in line]
    assert [re.search(r"known-(\d+)", line)[1] for line in lines] == [str(number) for number in range(50)]  # type: ignore[index]
    alike = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|\d+\.\d\b|known-\d+")
    assert len({alike.sub("", line) for line in lines}) == 1


@pytest.mark.parametrize("form", FORMS)
def test_no_secret_is_in_the_log(empty: Settings, form: LogFormat) -> None:
    settings = empty.model_copy(update={"log_format": form, "log_level": "debug"})
    with running(settings) as server, server.client() as client:
        for credential in (TOKEN, KEY, JWT, RANDOM, "Basic canary"):
            client.get("/v1/themes", headers={"Authorization": f"Bearer {credential}"})
            client.get("/v1/themes", headers={"Cookie": credential, "Referer": credential, "User-Agent": credential})
            client.get("/v1/themes", params={"q": f"canary {credential}", credential: "1", "cursor": credential})
            client.get("/v1/themes", headers={"X-Request-Id": f"canary {credential}"})
        for secret in (TOKEN, KEY, JWT, RANDOM):
            client.get(f"/v1/themes/{secret}")
            client.get(f"/{secret}/{secret}")
            client.get("/v1/themes/" + "".join(f"%{ord(each):02x}" for each in secret))
        body = {"name": "canary", "slug": "canary", "description": "canary\ud800", "canary": KEY}
        authorization = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        for content in (json.dumps(body), '{"slug": "canary", "name": "canary"}', '{"slug": "canary", canary'):
            for _ in range(2):
                client.post("/v1/themes", content=content, headers=authorization)
    text = server.log_file.read_text()
    assert "followthrough.access" in text
    assert text.count(HIDDEN) >= 12
    # What may be told is what the paths of the last requests are: a record that is called so.
    assert not CANARY.search(text.replace("/v1/themes/canary", ""))


@contextmanager
def logging_to(form: LogFormat) -> Iterator[StringIO]:
    """A logger called "tried" that writes as the server does, into memory."""
    out = StringIO()
    settings = configuration("debug", form)
    settings["handlers"]["stderr"]["stream"] = out
    settings["loggers"] = {"tried": {"level": "DEBUG", "handlers": ["stderr"], "propagate": False}}
    del settings["root"]
    logging.config.dictConfig(settings)
    try:
        yield out
    finally:
        logging.getLogger("tried").handlers.clear()


def fail(sent: str) -> None:
    try:
        raise ValueError(f"{sent}\nFATAL forged line")
    except ValueError as error:
        raise RuntimeError(f"{sent} and more") from error


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("request_id", [None, "a-request"])
def test_within_a_request_an_exception_is_told_without_its_message(form: LogFormat, request_id: str | None) -> None:
    """Messages of drivers and validators quote what was sent. Outside of requests there is nothing to hide in them."""
    token = current_request.set(request_id)
    try:
        with logging_to(form) as out:
            try:
                fail(KEY)
            except RuntimeError:
                logging.getLogger("tried").exception("it failed")
    finally:
        current_request.reset(token)
    text = out.getvalue()
    assert (KEY in text) is (request_id is None)
    assert "builtins.RuntimeError" in text or "RuntimeError: " in text
    assert "ValueError" in text
    assert "test_logs.py" in text, "where it came from"
    assert ("a-request" in text) is (request_id is not None)
    assert not any(line.startswith("FATAL") for line in text.splitlines())


FORGED = "nice\n2026-01-01T00:00:00.000Z CRITICAL forged\r\x1b[2J\x9b31m\u2028next\x7f\x00\ud800"


@pytest.mark.parametrize("form", FORMS)
def test_nobody_writes_lines_of_their_own(form: LogFormat) -> None:
    with logging_to(form) as out:
        logging.getLogger("tried").warning("got %s", FORGED, extra={"route": FORGED})
        logging.getLogger("tried").warning("%s", {"message": FORGED})
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    for line in lines:
        assert clean(line) == line
        assert line.startswith("{") == (form == "json")
    if form == "json":
        assert json.loads(lines[0])["route"] == FORGED


def test_a_forged_path_stays_in_its_line(empty: Settings) -> None:
    with running(empty) as server:
        for target in ("/a%0aCRITICAL%20forged", "/a\tb", "/\x1b[2J", "/a\x7f", "/é"):
            exchange(server, f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    lines = server.log_file.read_text().splitlines()
    assert any("/a%0aCRITICAL%20forged 404" in line for line in lines)
    assert not any(line.startswith("CRITICAL") for line in lines)
    assert all(clean(line) == line for line in lines if "followthrough.access" in line)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v1/challenges/trade-imbalance", "/v1/challenges/trade-imbalance"),
        ("/v1/themes/0198c1d2-e3f4-7abc-8def-0123456789ab/revisions/2", None),
        ("/v1/themes/0198c1d2e3f47abc8def0123456789ab", None),
        ("/static/swagger-ui/swagger-ui-bundle.js", None),
        ("/.well-known/api-catalog", None),
        ("/wp-login.php", None),
        ("/v1/draft_one", None),
        ("/v1/%e0%a4%ad", None),
        ("/v1/themes?q=canary", "/v1/themes"),
        (f"/v1/keys/{KEY}/x", f"/v1/keys/{HIDDEN}/x"),
        (f"/v1/{JWT}", f"/v1/{HIDDEN}"),
        (f"/{'0a' * 32}", f"/{HIDDEN}"),
        ("/v1/%2566t_abc_def", f"/v1/{HIDDEN}"),
        ("/v1/se%2Fcret/x", f"/{HIDDEN}"),
        ("/" + "a/" * 400, ("/" + "a/" * 400)[:300]),
        ("/" + "a/" * 140 + "se/cret" * 9, f"/{HIDDEN}"),
    ],
)
def test_paths_are_shown_but_for_credentials(path: str, shown: str | None) -> None:
    assert PathDiscretion("se/cret", "")(path.encode()) == (path if shown is None else shown)


@pytest.mark.parametrize("word", ["a-", "aA-", "eyJ", "eyJa", "a+=", "f", "ft_", "%65", "a/"])
def test_a_path_takes_no_longer_to_be_shown_than_it_is_long(word: str) -> None:
    """Everybody waits meanwhile. By the square of its length it was a minute of processor time."""
    path = ("/" + word * (65_000 // len(word))).encode()
    begun = time.process_time()
    PathDiscretion("se/cret")(path)
    assert time.process_time() - begun < 2


def test_the_standard_library_alone_decides_where_it_goes(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is written to standard output, which belongs to what a command gives."""
    handler = configuration("info", "json")["handlers"]["stderr"]
    assert handler["class"] == "logging.StreamHandler"
    assert logging.StreamHandler().stream is sys.stderr
    assert capfd.readouterr().out == ""
