"""Entity tags, conditional reading and content coding."""

import gzip
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import brotli
import httpx
import pytest
import zstandard

from app.core.resource import Resource
from tests.support.grammar import grammar_of
from tests.support.library import Library
from tests.support.samples import Samples

pytestmark = pytest.mark.mechanics

CODINGS = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
}
PLAIN = {"Accept-Encoding": "identity"}
SMALLEST = 600
"""An answer of fewer bytes is not worth encoding."""
CHOICES = [
    ("gzip, br;q=0.5", "gzip"),
    ("gzip;q=0, *", "br"),
    ("deflate", None),
    ("identity", None),
    ("br;q=0", None),
    ("GZIP", "gzip"),
    ("gzip;q=nonsense", None),
    ("zstd, gzip;q=0.9", "zstd"),
]
KEPT_IN_304 = ("etag", "cache-control", "vary")


@dataclass(frozen=True)
class FeedQuery:
    """A client, and what it asks for."""

    client: httpx.Client
    path: str

    def get(self, **headers: str) -> httpx.Response:
        """Ask, with headers whose names have underscores for hyphens."""
        return self.client.get(self.path, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture(params=["anonymous list", "anonymous record", "editor record"])
def requested(request: pytest.FixtureRequest, library: Library, resource: Resource) -> FeedQuery:
    """A list and a record whose answers may come from memory, and a record whose answers never do."""
    who, what = request.param.split()
    longest = max(library.records(resource), key=lambda record: len(str(record)))
    path = f"/v1/{resource.name}" + (f"/{longest['slug']}" if what == "record" else "")
    return FeedQuery(getattr(library, who), path)


def test_a_record_is_tagged_by_its_revision_and_its_content(library: Library, resource: Resource) -> None:
    record = library.records(resource)[0]
    path = f"/v1/{resource.name}/{record['slug']}"
    names = grammar_of(resource).include
    queries = ("", *(f"?include={name}" for name in names[:1]))
    tags = [library.anonymous.get(f"{path}{query}", headers=PLAIN).headers["etag"] for query in queries]
    for tag in tags:
        assert re.fullmatch(rf'"{record["revision"]}-[0-9a-f]+"', tag)
    assert len(set(tags)) == len(queries), "what is shown differs, and so does its tag"


def test_a_list_is_tagged_by_its_content(library: Library, resource: Resource) -> None:
    one, two = (library.anonymous.get(f"/v1/{resource.name}?limit={n}", headers=PLAIN).headers["etag"] for n in (1, 2))
    assert re.fullmatch(r'"[0-9a-f]+"', one)
    assert one != two
    assert library.anonymous.get(f"/v1/{resource.name}?limit=1", headers=PLAIN).headers["etag"] == one


def test_who_has_an_answer_already_is_not_sent_it_again(requested: FeedQuery) -> None:
    first = requested.get()
    tag = first.headers["etag"]
    for known in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        response = requested.get(If_None_Match=known)
        assert (response.status_code, response.content) == (304, b""), known
        for name in KEPT_IN_304:
            assert response.headers[name] == first.headers[name]
    assert requested.client.head(requested.path, headers={"If-None-Match": tag}).status_code == 304
    for other in ('"x"', tag.replace('"', ""), tag[:-2] + '"'):
        assert requested.get(If_None_Match=other).status_code == 200


def test_an_encoded_answer_is_the_same_answer_under_a_tag_of_its_own(requested: FeedQuery) -> None:
    plain = requested.get()
    if len(plain.content) < SMALLEST:
        assert "content-encoding" not in requested.get(Accept_Encoding="gzip").headers, "there is nothing to gain"
        return
    assert "Accept-Encoding" in plain.headers["vary"]
    for coding, decoded in CODINGS.items():
        with requested.client.stream("GET", requested.path, headers={"Accept-Encoding": coding}) as encoded:
            raw = b"".join(encoded.iter_raw())
        assert encoded.headers["content-encoding"] == coding
        assert int(encoded.headers["content-length"]) == len(raw) < len(plain.content)
        assert decoded(raw) == plain.content
        assert encoded.headers["etag"] == f'{plain.headers["etag"][:-1]}-{coding}"'


def test_an_encoded_answer_is_known_by_its_own_tag(requested: FeedQuery) -> None:
    plain = requested.get().headers["etag"]
    for coding in CODINGS:
        tag = requested.get(Accept_Encoding=coding).headers["etag"]
        response = requested.get(Accept_Encoding=coding, If_None_Match=tag)
        assert (response.status_code, response.headers["etag"], response.content) == (304, tag, b"")
        assert "content-encoding" not in response.headers
        assert requested.get(If_None_Match=tag).status_code == (304 if tag == plain else 200)


@pytest.mark.parametrize(("accepted", "chosen"), CHOICES)
def test_the_client_chooses_the_coding(library: Library, accepted: str, chosen: str | None) -> None:
    response = library.anonymous.get("/openapi.json", headers={"Accept-Encoding": accepted})
    assert response.headers.get("content-encoding") == chosen


def test_a_record_says_when_it_last_changed(library: Library, resource: Resource) -> None:
    record = library.records(resource)[0]
    response = library.anonymous.get(f"/v1/{resource.name}/{record['slug']}")
    changed = datetime.fromisoformat(record["updated_at"]).replace(microsecond=0)
    assert parsedate_to_datetime(response.headers["last-modified"]) == changed


def test_a_date_alone_validates_nothing(library: Library, resource: Resource) -> None:
    """A date knows seconds, and nothing of what a record refers to."""
    path = f"/v1/{resource.name}/{library.records(resource)[0]['slug']}"
    changed = library.anonymous.get(path).headers["last-modified"]
    for client in (library.anonymous, library.editor):
        for since in (changed, format_datetime(parsedate_to_datetime(changed) + timedelta(days=1), usegmt=True), "-"):
            assert client.get(path, headers={"If-Modified-Since": since}).status_code == 200, since


def test_a_tag_changes_with_the_record(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    created = samples.create(resource, full=False)
    changes = [samples.change_of(created), {"state": "published"}, {"slug": f"{created.slug}-new"}]
    for change in changes:
        client = editor if "state" in change or "slug" not in change else anonymous
        path, page = (
            f"/v1/{resource.name}/{created.id}",
            f"/v1/{resource.name}?created_at__gte={created.record['created_at']}",
        )
        before = [client.get(each).headers["etag"] for each in (path, page)]
        assert editor.patch(path, json=change, headers={"If-Match": "*"}).status_code == 200
        for each, tag in zip((path, page), before, strict=True):
            response = client.get(each, headers={"If-None-Match": tag})
            assert response.status_code == 200
            assert response.headers["etag"] != tag
