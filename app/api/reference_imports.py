"""Records in the files of others: what reference managers export, for ``POST /v1/sources/import``."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import IO, Any

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.api.context import Context
from app.api.documentation import WRITE_FAILS, WRITING, response, takes
from app.api.imports import ImportParameters, ImportPlanOut, carry_out
from app.api.problems import documented
from app.api.request_body import check_media_type
from app.api.uploads import ImportViewer, SentFile
from app.core.docstrings import docstring
from app.core.importing import Item, Items
from app.core.reading.parameters import read_parameters
from app.core.resource import Resource
from app.core.visibility import Viewer
from app.errors import ImportRefused, Malformed, TooLarge, UnsupportedMediaType
from app.formats import bibtex_reading, csl_reading, ris_reading

Reader = Callable[[Resource, IO[bytes]], Iterator[Item]]

REFERENCES: Mapping[str, Reader] = {
    "application/vnd.citationstyles.csl+json": csl_reading.read,
    "application/json": csl_reading.read,
    "application/x-bibtex": bibtex_reading.read,
    "application/x-research-info-systems": ris_reading.read,
}
"""The readers of what reference managers export, by media type."""

_AT_ONCE = 500


class ReferenceImportRoutes:
    """Bringing in what a reference manager exports."""

    def __init__(self, sources: Resource, context: Context) -> None:
        """Take sources."""
        self.sources = sources
        self.context = context

    def import_sources(self, request: Request, viewer: ImportViewer, sent: SentFile) -> Response:
        """Takes CSL-JSON, BibTeX or RIS as Zotero, EndNote and JabRef export them, in the hand of an editor. An entry
        is the source of its key, DOI or address where there is one, and a new draft otherwise. Answers the plan, as
        `/v1/import` does; with one entry refused, nothing is stored.
        """
        query = read_parameters(ImportParameters, request.query_params.multi_items())
        check_media_type(request, list(REFERENCES))
        read = REFERENCES[request.headers["content-type"].partition(";")[0].strip().lower()]
        items = self._recognised(viewer, read(self.sources, sent.file))
        return carry_out(self.context, viewer, Items(items), query.mode, sent, dry_run=query.dry_run)

    def _recognised(self, viewer: Viewer, items: Iterator[Item]) -> Iterator[Item]:
        """Items under the slugs of the sources that they are: by key, else by DOI, else by address."""
        while some := list(islice(items, _AT_ONCE)):
            known = self._known(viewer, some)
            for item in some:
                yield _under_its_slug(item, known)

    def _known(self, viewer: Viewer, items: Sequence[Item]) -> dict[tuple[str, str], str]:
        """The slugs of the sources that some items can be, by what tells that they are."""
        with self.context.database.reading() as connection:
            rows, visible = self.context.reader(connection, viewer).tables.visible(self.sources.table)
            found: dict[tuple[str, str], str] = {}
            for name in ("url", "doi", "slug"):
                wanted = {str(item.fields[name]) for item in items if item.fields.get(name)}
                column = sa.func.lower(rows.c[name]) if name == "doi" else rows.c[name]
                values = {value.lower() for value in wanted} if name == "doi" else wanted
                chosen = sa.select(column, rows.c.slug).where(visible, column.in_(values)).order_by(rows.c.slug.desc())
                found |= {(name, value): slug for value, slug in connection.execute(chosen)}
        return found

    def register(self, router: APIRouter) -> None:
        """Add the route, with what the document says of it."""
        text = {"schema": {"type": "string"}}
        content: dict[str, Any] = {
            "application/x-bibtex": {**text, "example": _EXAMPLE},
            "application/vnd.citationstyles.csl+json": {"schema": {"type": "array", "items": {"type": "object"}}},
            "application/x-research-info-systems": text,
        }
        router.add_api_route(
            f"/{self.sources.name}/import",
            self.import_sources,
            methods=["POST"],
            operation_id=f"import_{self.sources.name}",
            response_class=Response,
            response_model=None,
            summary="Import sources from a reference manager",
            description=docstring(self.import_sources),
            responses={
                **response(200, "What becomes of every entry.", ImportPlanOut),
                **documented(*WRITE_FAILS, Malformed, TooLarge, UnsupportedMediaType, ImportRefused),
            },
            openapi_extra={
                **takes(query=ImportParameters, security=WRITING),
                "requestBody": {"required": True, "content": content},
            },
        )


def _under_its_slug(item: Item, known: Mapping[tuple[str, str], str]) -> Item:
    given = {name: str(item.fields.get(name, "")) for name in ("slug", "doi", "url")}
    given["doi"] = given["doi"].lower()
    slug = next((known[key] for key in given.items() if key in known), None)
    if slug is None:
        return item
    fields = {**item.fields, "slug": slug}
    if known.get(("doi", given["doi"])) == slug:
        # Capitals make no difference in a DOI.
        del fields["doi"]
    if fields.get("type") == "document":
        # The reader found no better word; the register may have one.
        del fields["type"]
    return replace(item, fields=fields)


_EXAMPLE = "@misc{example-2026, title = {An example}, year = {2026}}\n"
