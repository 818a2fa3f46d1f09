"""Bringing a file of records in: ``POST /v1/import`` answers the plan, and carries it out as a whole or not at all.

The body is put on disk as it comes, and read after the credential is known to be good for it. Readers go on meanwhile.
"""

from collections.abc import Callable, Iterator, Mapping
from threading import BoundedSemaphore
from typing import IO, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from app.api.context import Context
from app.api.documentation import WRITE_FAILS, WRITING, response, takes
from app.api.problems import documented
from app.api.request_body import check_media_type
from app.api.responses import json_response
from app.api.schemas import YAML_BUNDLE
from app.api.uploads import ImportViewer, SentFile, Upload
from app.api.write_request import WriteParameters
from app.core.docstrings import docstring
from app.core.flaws import wrong_name
from app.core.importing import Abandoned, Entry, Item, Items, Mode, Plan, Unreadable, import_records
from app.core.importing.plan import Outcome
from app.core.reading.parameters import read_parameters
from app.core.reading.parameters import refused as refused_parameter
from app.core.resource import Resource
from app.core.visibility import Viewer
from app.errors import (
    Flaw,
    ImportRefused,
    Malformed,
    Overloaded,
    RequestTimeout,
    TooLarge,
    UnsupportedMediaType,
)
from app.formats import csv_reading, xlsx_reading
from app.formats.bundle.reading import Kind, read_bundle

MAX_ERRORS = 1000
"""Flaws that a refusal lists; more are counted."""

_IMPORTS = BoundedSemaphore(1)
"""One import at a time in each process: it takes memory, and a thread, for as long as its file is read."""

TableReader = Callable[[Resource, IO[bytes]], Iterator[Item]]

MEDIA_TYPES: Mapping[str, Kind] = {
    "application/jsonl": Kind.jsonl,
    "application/x-ndjson": Kind.jsonl,
    "application/yaml": Kind.yaml,
    "application/zip": Kind.zip,
}


TABLES: Mapping[str, TableReader] = {
    "text/csv": csv_reading.read,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": xlsx_reading.read,
}
"""The readers of tables, each of one resource."""


class ImportParameters(WriteParameters):
    """The query of an import."""

    mode: Mode = Field(
        default=Mode.upsert,
        description=(
            "`create`: only add records; what is there already must say the same. `upsert`: change what is there as "
            "well. `mirror`: make the register equal to the file; what the file does not hold is withdrawn."
        ),
    )


class FileParameters(ImportParameters):
    """The query of an import of any file."""

    resource: str | None = Field(
        default=None,
        description="What the rows of a table are: `commitments`. A bundle says so itself.",
        examples=["commitments"],
    )


class ImportFlaw(BaseModel):
    """What is wrong with a record of the file."""

    pointer: str | None = Field(default=None, description="JSON Pointer (RFC 6901) into the record.")
    column: str | None = Field(default=None, description="The column of the table.")
    detail: str = Field(description="What is wrong.")


class ImportChange(BaseModel):
    """A field that gets another value."""

    field: str = Field(description="The field.")
    old: Any = Field(description="What it was, as a body writes it.")
    new: Any = Field(description="What it becomes.")


class ImportEntry(BaseModel):
    """What becomes of one record."""

    resource: str = Field(description="Its resource.")
    slug: str | None = Field(description="Its slug; null where it has none that can be shown.")
    outcome: Outcome = Field(description="What becomes of it.")
    file: str | None = Field(default=None, description="The file of an archive that it stands in.")
    row: int | None = Field(default=None, description="The line or row that it stands in; the first is 1.")
    changes: list[ImportChange] | None = Field(default=None, description="What changes, field by field.")
    errors: list[ImportFlaw] | None = Field(default=None, description="Why it is refused.")


class ImportTotals(BaseModel):
    """How many records have each outcome."""

    created: int
    changed: int
    unchanged: int
    withdrawn: int
    refused: int


class ImportPlanOut(BaseModel):
    """What becomes of every record of a file."""

    dry_run: bool = Field(description="Whether it was only tried.")
    stored: bool = Field(description="Whether it was carried out: all of it, or nothing.")
    mode: Mode = Field(description="What was wanted.")
    totals: ImportTotals = Field(description="How many records have each outcome.")
    records: list[ImportEntry] = Field(description="Every record, in the order of the resources.")


# -- the request ------------------------------------------------------------------------------------------------------


def carry_out(context: Context, viewer: Viewer, items: Items, mode: Mode, sent: Upload, *, dry_run: bool) -> Response:
    """Import items, and answer the plan; raises ImportRefused where one is refused and it was meant.

    It ends when the client leaves, with nothing stored.
    """
    if not _IMPORTS.acquire(blocking=False):
        raise Overloaded("Another import is going on. Nothing was changed.")
    try:
        plan = import_records(
            context.database,
            context.catalogue,
            viewer,
            items,
            mode=mode,
            dry_run=dry_run,
            today=context.clock().date(),
            wanted=sent.is_wanted,
        )
    except Abandoned:
        raise ClientDisconnect from None
    except Unreadable as problem:
        raise unreadable(problem) from None
    finally:
        _IMPORTS.release()
    if plan.refused and not dry_run:
        raise refused(plan)
    shown = {
        "dry_run": dry_run,
        "stored": plan.stored,
        "mode": mode,
        "totals": plan.totals,
        "records": [_shown(entry) for entry in plan.entries],
    }
    return json_response(shown, viewer, headers={"Cache-Control": "no-store"})


def unreadable(problem: Unreadable) -> ImportRefused:
    """The problem of a file that cannot be read on."""
    flaw: Flaw = {"detail": problem.detail}
    if problem.file:
        flaw["file"] = problem.file
    if problem.row is not None:
        flaw["row"] = problem.row
    if problem.column is not None:
        flaw["column"] = problem.column
    where = " ".join(part for part in (problem.file, f"line {problem.row}" if problem.row else "") if part)
    said = f"{where}: {problem.detail}" if where else problem.detail
    return ImportRefused(f"{said} Nothing was stored.", errors=[flaw])


def refused(plan: Plan) -> ImportRefused:
    """The problem of a plan that cannot be carried out."""
    errors: list[Any] = []
    for entry in plan.refused:
        where = {"resource": entry.resource, "slug": entry.slug, "file": entry.place.file, "row": entry.place.row}
        known = {name: value for name, value in where.items() if value}
        errors += [{**known, **error} for error in entry.errors[: MAX_ERRORS - len(errors)]]
    number = len(plan.refused)
    which = "1 record is refused" if number == 1 else f"{number:,} records are refused"
    return ImportRefused(f"{which}, and nothing was stored.", errors=errors)


def _shown(entry: Entry) -> dict[str, Any]:
    shown: dict[str, Any] = {"resource": entry.resource, "slug": entry.slug, "outcome": entry.outcome.value}
    if entry.place.file:
        shown["file"] = entry.place.file
    if entry.place.row is not None:
        shown["row"] = entry.place.row
    if entry.changes:
        shown["changes"] = entry.changes
    if entry.errors:
        shown["errors"] = entry.errors
    return shown


class ImportRoutes:
    """Bringing records in."""

    def __init__(self, context: Context) -> None:
        """Serve a register."""
        self.context = context

    def import_bundle(self, request: Request, viewer: ImportViewer, sent: SentFile) -> Response:
        """Takes a bundle as `/v1/export.jsonl`, `.yaml` or `.zip` give it, at most 64 MiB, in the hand of an editor.
        Answers what becomes of each record; with one refused, nothing is stored. Try first with `dry_run=true`: the
        plan is the same, and holds what would be refused. With `resource`, it takes a table of its records, as CSV or
        a workbook: `.xlsx?template=true` is one to fill in, and each flaw is named with its row and column.
        """
        query = read_parameters(FileParameters, request.query_params.multi_items())
        check_media_type(request, [*MEDIA_TYPES, *TABLES])
        media_type = request.headers["content-type"].partition(";")[0].strip().lower()
        if media_type in TABLES:
            items = self._table(TABLES[media_type], query, sent.file)
        elif query.resource is not None:
            raise refused_parameter("resource", "A bundle says itself which resources its records are of.")
        else:
            items = read_bundle(sent.file, MEDIA_TYPES[media_type], self.context.catalogue)
        return carry_out(self.context, viewer, items, query.mode, sent, dry_run=query.dry_run)

    def _table(self, read: TableReader, query: FileParameters, body: IO[bytes]) -> Items:
        """The rows of a table as items."""
        known = self.context.catalogue.by_name
        if query.resource is None or query.resource not in known:
            raise refused_parameter("resource", f"A table needs it. {wrong_name(query.resource or '', list(known))}")
        if query.mode is Mode.mirror:
            raise refused_parameter("mode", "A table is no whole register, which a mirror would need.")
        return Items(read(known[query.resource], body))

    def register(self, router: APIRouter) -> None:
        """Add the route, with what the document says of it."""
        text = {"schema": {"type": "string"}}
        content = {
            "application/jsonl": {**text, "example": _EXAMPLE},
            "application/x-ndjson": text,
            "application/yaml": {"schema": YAML_BUNDLE},
            **{name: {"schema": {"type": "string", "contentMediaType": name}} for name in ("application/zip", *TABLES)},
        }
        extra = takes(query=FileParameters, security=WRITING)
        router.add_api_route(
            "/import",
            self.import_bundle,
            methods=["POST"],
            operation_id="import_bundle",
            response_class=Response,
            response_model=None,
            summary="Import a bundle or a table",
            description=docstring(self.import_bundle),
            responses={
                **response(200, "What becomes of every record.", ImportPlanOut),
                **documented(*WRITE_FAILS, Malformed, TooLarge, UnsupportedMediaType, ImportRefused, RequestTimeout),
            },
            openapi_extra={**extra, "requestBody": {"required": True, "content": content}},
        )


_EXAMPLE = (
    '{"format": "followthrough-bundle/1", "title": "Two themes"}\n'
    '{"resource": "themes", "slug": "example-rivers", "name": "Rivers"}\n'
)
