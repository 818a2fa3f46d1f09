"""The routes of a resource, made from its declaration: the same six for every one."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field, create_model

from app.core import etag, idempotency
from app.core.answer import PRIVATE, PUBLIC, VARY, json_answer
from app.core.body import MERGE_PATCH, body_of, patch_of
from app.core.changing import By
from app.core.context import Context, context_of
from app.core.export import stream
from app.core.model import Draft
from app.core.negotiation import choose
from app.core.query import FORMATS, Ask, read_parameters
from app.core.read import Located, Moved, Page, Reader, as_id, is_key
from app.core.resource import Resource
from app.core.visibility import Viewer
from app.core.write import Writer
from app.errors import (
    BadCursor,
    BadQuery,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    KeyReused,
    Malformed,
    NotAcceptable,
    NotFound,
    PreconditionRequired,
    Problem,
    StaleRevision,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnsupportedMediaType,
    documented,
)

_COMMON: tuple[type[Problem], ...] = (BadQuery, Unauthorized, Forbidden, NotAcceptable, Unavailable)
_FIND: tuple[type[Problem], ...] = (NotFound, Gone)
_WRITE: tuple[type[Problem], ...] = (BadQuery, Unauthorized, Forbidden, Unavailable)
_BODY: tuple[type[Problem], ...] = (TooLarge, UnsupportedMediaType, Invalid)
_CHANGE: tuple[type[Problem], ...] = (StaleRevision, PreconditionRequired, Conflict)

_KEY_SEGMENT = 3
"""Where the slug stands at the earliest: /v1/challenges/a-slug. A resource and a record can have the same name."""

_NO_PARAMETERS = create_model("NoParameters", __config__=ConfigDict(extra="forbid"))


async def refuse_parameters(request: Request) -> None:
    """Refuse any query parameter: for what takes none."""
    read_parameters(_NO_PARAMETERS, request.query_params.multi_items())


def refuse_bad_credentials(request: Request) -> None:
    """Refuse a bad credential where none is needed: it is never taken for none."""
    context_of(request).authenticate(request)


def expected_revisions(request: Request) -> frozenset[str]:
    """The revisions that the client says it has seen; a change without them is refused."""
    header = request.headers.get("if-match")
    if header is None:
        raise PreconditionRequired()
    return etag.revisions(header)


def answer_moved(request: Request, error: Exception) -> Response:
    """The redirect from a former slug to the present one, whatever comes after it in the path."""
    assert isinstance(error, Moved)
    segments = request.scope["path"].split("/")
    segments[segments.index(error.former, _KEY_SEGMENT)] = error.slug
    query = f"?{request.url.query}" if request.url.query else ""
    # A record can be renamed back: a redirect that is kept would then lead round in a circle.
    kept = PRIVATE if "authorization" in request.headers else PUBLIC
    headers = {"Cache-Control": kept, "Vary": VARY}
    return RedirectResponse(f"{quote('/'.join(segments))}{query}", 308, headers)


def record_answer(reader: Reader, resource: Resource, located: Located, ask: Ask, **more: Any) -> Response:
    """A record as a JSON answer."""
    shown = reader.one(resource, located.id, ask)
    return json_answer(shown, reader.viewer, revision=located.revision, modified=located.updated_at, **more)


def list_answer(
    request: Request, context: Context, resource: Resource, page: Page, ask: Ask, viewer: Viewer
) -> Response:
    """A page as a JSON answer, with the address of the next one."""
    following = None
    headers = {}
    if page.after is not None:
        pairs = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        pairs.append(("cursor", context.cursors.write(resource.name, ask, page.after)))
        following = f"/v1/{resource.name}?{urlencode(pairs)}"
        headers["Link"] = f'<{following}>; rel="next"'
    body = {
        "data": page.records,
        "next": following,
        "total": page.total,
        "facets": page.facets,
        "included": page.included,
    }
    return json_answer(body, viewer, headers=headers)


def resource_router(resource: Resource) -> APIRouter:
    """The standard routes of a resource."""
    router = APIRouter(tags=[resource.name])
    singular, plural = resource.singular, resource.name
    spoken = f"{'an' if singular[0] in 'aeiou' else 'a'} {singular}"
    key_type = Annotated[
        str,
        Path(description=f"The {singular}'s slug or id.", examples=[resource.examples.get("key", "a-slug")]),
    ]
    slug_type = Annotated[
        str, Path(description="The slug (or, of an existing record, its id).", examples=[f"a-new-{singular}"])
    ]
    read_create = body_of(resource.create)
    body_type = Annotated[tuple[Draft, bytes], Depends(read_create)]
    patch_type = Annotated[tuple[Any, bytes], Depends(patch_of)]

    def list_records(request: Request) -> Response:
        context = context_of(request)
        viewer = context.authenticate(request)
        grammar = context.grammar(resource)
        ask = grammar.ask(request.query_params.multi_items())
        format_ = choose(ask.format, request.headers.get("accept"), FORMATS)
        if format_ != "json":
            return stream(context.formats[format_], context, grammar, ask, viewer, f"{plural}.{format_}")
        with context.database.reading() as connection:
            page = context.reader(connection, viewer, ask.as_of).page(grammar, ask, context.cursors)
        return list_answer(request, context, resource, page, ask, viewer)

    def get_record(request: Request, key: key_type) -> Response:
        context = context_of(request)
        viewer = context.authenticate(request)
        ask = context.grammar(resource).select(request.query_params.multi_items())
        choose(ask.format, request.headers.get("accept"), ("json",))
        with context.database.reading() as connection:
            reader = context.reader(connection, viewer, ask.as_of)
            return record_answer(reader, resource, reader.locate(resource, key), ask)

    def create_record(request: Request, by: By, body: body_type) -> Response:
        draft, raw = body
        key = idempotency.key_of(request)
        with by.writer() as writer:
            repeatable = idempotency.Repeatable(writer, by.viewer.key, key, request, raw) if not by.dry_run else None
            if repeatable is not None and (before := repeatable.answer()) is not None:
                return by.answer(before)
            id_ = writer.create(resource, draft)
            writer.close()
            answer = _created(writer, resource, id_)
            if repeatable is not None:
                repeatable.keep(answer)
            return by.answer(answer)

    def replace_record(request: Request, by: By, key: slug_type, body: body_type) -> Response:
        draft, _ = body
        with by.writer() as writer:
            try:
                located = writer.reader.locate(resource, key)
            except NotFound:
                _may_be_created(request, resource, key, draft)
                id_ = writer.create(resource, draft, slug=key)
                writer.close()
                return by.answer(_created(writer, resource, id_))
            if request.headers.get("if-none-match") is not None:
                raise StaleRevision()
            if draft.slug is not None and draft.slug != located.slug:
                detail = "It differs from the slug in the path; PATCH renames a record."
                raise Invalid(errors=[{"pointer": "/slug", "detail": detail}])
            writer.replace(resource, located.id, draft, expected_revisions(request))
            writer.close()
            return by.answer(answer_again(writer, resource, located))

    def update_record(request: Request, by: By, key: key_type, body: patch_type) -> Response:
        patch, _ = body
        with by.writer() as writer:
            located = writer.reader.locate(resource, key)
            writer.patch(resource, located.id, patch, expected_revisions(request))
            writer.close()
            return by.answer(answer_again(writer, resource, located))

    def withdraw_record(request: Request, by: By, key: key_type) -> Response:
        with by.writer() as writer:
            located = writer.reader.locate(resource, key)
            writer.withdraw(resource, located.id, expected_revisions(request))
            writer.close()
        return Response(status_code=204)

    read, create = resource.read.__name__, resource.create.__name__
    stem = read.removesuffix("Read")
    router.add_api_route(
        f"/{plural}", list_records, methods=["GET"], operation_id=f"list_{plural}", response_class=Response,
        response_model=None, summary=f"List {plural}",
        description=(
            f"{plural.capitalize()}, page by page: filtered, searched, sorted, counted. Follow `next` to go on. "
            "CSV and JSON Lines give all records at once."
        ),
        responses={**listed(f"{stem}List"), **unchanged(), **documented(*_COMMON, BadCursor)},
        openapi_extra={"x-parameters": ["list", plural], "security": [{}, {"bearer": []}]},
    )  # fmt: skip
    router.add_api_route(
        f"/{plural}", create_record, methods=["POST"], operation_id=f"create_{singular}", response_class=Response,
        response_model=None, status_code=201, summary=f"Create {spoken}",
        description=(
            f"Makes {spoken}: a draft, unless `state` says `published`. With an `Idempotency-Key`, a repeated request "
            "has the first answer again."
        ),
        responses={
            **shown(f"{stem}Read", 201, "It was created.", "Location", "Idempotency-Replayed"),
            **tried(f"{stem}Read"),
            **documented(*_WRITE, *_BODY, KeyReused, Conflict, Malformed),
        },
        openapi_extra=_writes("create", plural, create),
    )  # fmt: skip
    router.add_api_route(
        f"/{plural}/{{key}}", get_record, methods=["GET"], operation_id=f"get_{singular}", response_class=Response,
        response_model=None, summary=f"Read {spoken}",
        description=f"One {singular}, by slug or id. A former slug answers with a redirect to the present one.",
        responses={
            **shown(f"{stem}Record", 200, f"The {singular}."), **unchanged(), **redirected(),
            **documented(*_COMMON, *_FIND),
        },
        openapi_extra={"x-parameters": ["record", plural], "security": [{}, {"bearer": []}]},
    )  # fmt: skip
    router.add_api_route(
        f"/{plural}/{{key}}", replace_record, methods=["PUT"], operation_id=f"replace_{singular}",
        response_class=Response, response_model=None, summary=f"Create or replace {spoken}",
        description=(
            "Creates the record under this slug where there is none (201). Otherwise gives it exactly the values of "
            "the body (200), what is left out going back to its default, except `state`; this needs `If-Match`."
        ),
        responses={
            **shown(f"{stem}Read", 200, "It was replaced.", "Content-Location"),
            **shown(f"{stem}Read", 201, "It was created.", "Location"),
            **without_body(), **redirected(), **documented(*_WRITE, *_FIND, *_BODY, *_CHANGE, Malformed),
        },
        openapi_extra=_writes("replace", plural, create),
    )  # fmt: skip
    router.add_api_route(
        f"/{plural}/{{key}}", update_record, methods=["PATCH"], operation_id=f"update_{singular}",
        response_class=Response, response_model=None, summary=f"Change {spoken}",
        description=(
            "A JSON Merge Patch (RFC 7396): fields that are left out stay, `null` puts one back to its default. Needs "
            "`If-Match`, so that nobody else's change is lost."
        ),
        responses={
            **shown(f"{stem}Read", 200, f"The {singular} as it now is.", "Content-Location"), **without_body(),
            **redirected(),
            **documented(*_WRITE, *_FIND, *_BODY, *_CHANGE),
        },
        openapi_extra=_writes("update", plural, f"{stem}Patch", media=MERGE_PATCH),
    )  # fmt: skip
    router.add_api_route(
        f"/{plural}/{{key}}", withdraw_record, methods=["DELETE"], operation_id=f"withdraw_{singular}",
        response_class=Response, response_model=None, status_code=204, summary=f"Withdraw {spoken}",
        description="Takes the record back: it answers 410 from now on, and its history is kept. Needs `If-Match`.",
        responses={204: {"description": "It was withdrawn."}, **redirected(), **documented(*_WRITE, *_FIND, *_CHANGE)},
        openapi_extra={"x-parameters": ["withdraw", plural], "security": [{"bearer": []}]},
    )  # fmt: skip
    return router


def _created(writer: Writer, resource: Resource, id_: UUID) -> Response:
    located = writer.reader.locate(resource, str(id_))
    headers = {"Location": f"/v1/{resource.name}/{located.slug}"}
    return record_answer(writer.reader, resource, located, Ask(), status=201, headers=headers)


def answer_again(writer: Writer, resource: Resource, located: Located) -> Response:
    """A record that was changed, as it now is."""
    now = writer.reader.locate(resource, str(located.id))
    headers = {"Content-Location": f"/v1/{resource.name}/{now.slug}"}
    return record_answer(writer.reader, resource, now, Ask(), headers=headers)


def _may_be_created(request: Request, resource: Resource, key: str, draft: Draft) -> None:
    """Whether a PUT to a path with no record may make one there."""
    if not is_key(key) or as_id(key) is not None:
        raise NotFound()
    if "if-match" in request.headers:
        raise StaleRevision()
    if draft.slug is not None and draft.slug != key:
        detail = "It differs from the slug in the path."
        raise Invalid(errors=[{"pointer": "/slug", "detail": detail}])


# -- what OpenAPI says of them -----------------------------------------------------------------------------------

_HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {"description": "Names this version of the answer.", "schema": {"type": "string"}},
    "Link": {"description": 'The next page, as `<…>; rel="next"`.', "schema": {"type": "string"}},
    "Location": {"description": "The record's address.", "schema": {"type": "string", "format": "uri-reference"}},
    "Content-Location": {
        "description": "The record's address, which a change of its slug changes.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Last-Modified": {"description": "When the record last changed.", "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "`true` where this is the answer that an earlier request with the same key had.",
        "schema": {"type": "string"},
    },
}


def _headers(*names: str) -> dict[str, dict[str, Any]]:
    return {name: _HEADERS[name] for name in names}


def _schema(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def listed(schema: str) -> dict[int | str, dict[str, Any]]:
    """The answer of a list, in every format."""
    return {
        200: {
            "description": "A part of the list; as CSV and JSON Lines, all of it.",
            "headers": _headers("ETag", "Link"),
            "content": {
                "application/json": {"schema": _schema(schema)},
                "text/csv": {"schema": {"type": "string", "description": "A header row, then a row a record."}},
                "application/jsonl": {"schema": {"type": "string", "description": "A record a line."}},
            },
        }
    }


def shown(schema: str, status: int, text: str, *headers: str) -> dict[int | str, dict[str, Any]]:
    """The answer that shows a record."""
    return {
        status: {
            "description": text,
            "headers": _headers("ETag", "Last-Modified", *headers),
            "content": {"application/json": {"schema": _schema(schema)}},
        }
    }


def tried(schema: str) -> dict[int | str, dict[str, Any]]:
    """The answer to what would have created a record, in a dry run."""
    content = {"application/json": {"schema": _schema(schema)}}
    return {200: {"description": "What would have been created, in a dry run.", "content": content}}


def without_body() -> dict[int | str, dict[str, Any]]:
    """The answer to a change whose client prefers none."""
    return {204: {"description": "It was changed; with `Prefer: return=minimal`.", "headers": _headers("ETag")}}


def unchanged() -> dict[int | str, dict[str, Any]]:
    """The answer to a client that has it already."""
    return {304: {"description": "What you have still holds.", "headers": _headers("ETag")}}


def redirected() -> dict[int | str, dict[str, Any]]:
    """The answer at a former slug."""
    return {308: {"description": "The record has another slug now.", "headers": _headers("Location")}}


def _writes(kind: str, plural: str, schema: str, *, media: str = "application/json") -> dict[str, Any]:
    return {
        "x-parameters": [kind, plural],
        "security": [{"bearer": []}],
        "requestBody": {"required": True, "content": {media: {"schema": _schema(schema)}}},
    }


def models_of(context: Context, resources: Sequence[Resource]) -> dict[str, type[BaseModel]]:
    """The answers' models that are derived from each resource: a list, and a record with what is included."""
    made: dict[str, type[BaseModel]] = {}
    for resource in resources:
        stem = resource.read.__name__.removesuffix("Read")
        fields: dict[str, Any] = {
            name: (list[context.catalogue.by_name[name].read], None)  # type: ignore[misc]
            for name in context.grammar(resource).include
        }
        included = create_model(
            f"{stem}Included",
            __config__=ConfigDict(extra="forbid"),
            __doc__="The records referred to, once each, by resource; only what `include` asked for.",
            **fields,
        )
        made[f"{stem}List"] = create_model(
            f"{stem}List",
            __doc__=f"A part of a list of {resource.name}.",
            data=(list[resource.read], Field(description="The records.")),  # type: ignore[name-defined]
            next=(str | None, Field(description="The path of the next page; null on the last.")),
            total=(int | None, Field(description="How many records match; null unless `count=true`.")),
            facets=(
                dict[str, dict[str, int]] | None,
                Field(description="How many records match by each value, for each of `facets`; null without."),
            ),
            included=(included | None, Field(description="The records referred to; null without `include`.")),
        )
        made[f"{stem}Record"] = create_model(
            f"{stem}Record",
            __base__=resource.read,
            __doc__=f"{resource.read.__doc__} With `include`, the records it refers to stand under `included`.",
            included=(included, Field(default=None, description="The records referred to; only with `include`.")),
        )
    return made
