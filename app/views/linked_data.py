"""What the register says of itself to the web of data: its catalogue (DCAT 3), and the words of its linked data."""

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter
from fastapi.responses import Response

from app import LICENCE_URL, NAME, __version__
from app.api.context import Context
from app.api.documentation import response
from app.api.documented_router import DocumentedRouter
from app.api.read_request import Read, refuse_parameters
from app.api.responses import LICENCE_LINK, bytes_response
from app.core.reading.reader import Reader
from app.core.strict_json import dump
from app.core.visibility import ANONYMOUS
from app.formats import dcat, schema_org
from app.resources.sections import first_words, place

JSON_LD = "application/ld+json"
DESCRIPTION = "An open register of what partner countries promise each other, and what came of it."


class LinkedDataRoutes:
    """The catalogue and the context."""

    def __init__(self, context: Context) -> None:
        """Describe a register."""
        self.context = context

    # -- handlers ----------------------------------------------------------------------------------------------

    def get_catalog(self, read: Read) -> Response:
        """Every resource as a dataset, with the files that it can be had as, its licence, and when it last changed. For
        data portals, which harvest it.
        """
        refuse_parameters(read.request)
        register = dcat.Register(NAME, DESCRIPTION, __version__, self.context.public_url, LICENCE_URL)
        changed = _last_changes(self.context.reader(read.connection, ANONYMOUS))
        whole = dcat.Described(
            "export",
            f"All of {NAME}",
            "The whole register, as one file.",
            max((each for each in changed.values() if each is not None), default=None),
            dcat.EXPORTS,
            "/",
        )
        each_resource = (
            dcat.Described(
                resource.name,
                f"{resource.name.capitalize()} of {NAME}",
                first_words(resource),
                changed.get(resource.name),
                [each for each in self.context.formats.values() if each.is_of(resource.name) and not each.page],
                f"/{resource.name}",
            )
            for resource in sorted(self.context.catalogue, key=lambda each: place(each.name))
        )
        return self._response(read, dcat.catalogue(register, [whole, *each_resource]))

    def get_context(self, read: Read) -> Response:
        """What the names in `.jsonld` files mean, in the words of schema.org, PROV-O, SKOS, CiTO and Web Annotation.
        Each file has it in itself as well.
        """
        refuse_parameters(read.request)
        return self._response(read, {"@context": schema_org.CONTEXT})

    def _response(self, read: Read, body: dict[str, Any]) -> Response:
        return bytes_response(dump(body), read.viewer, JSON_LD, headers={"Link": LICENCE_LINK})

    # -- registration ------------------------------------------------------------------------------------------

    def register(self, router: APIRouter) -> None:
        """Add the routes, with what the document says of them."""
        routes = DocumentedRouter(router)
        for path, handler, summary in (
            ("/catalog.jsonld", self.get_catalog, "Get the catalogue of the register (DCAT 3)"),
            ("/context.jsonld", self.get_context, "Get the context of the linked data (JSON-LD)"),
        ):
            shown = response(200, "The document.", None, "Link", content={JSON_LD: {"schema": {"type": "object"}}})
            routes.read(path, handler, summary=summary, shows=shown)


def _last_changes(reader: Reader) -> dict[str, Any]:
    """When a published record of each resource last changed, in one query."""
    parts = []
    for resource in reader.catalogue:
        rows, condition = reader.tables.visible(resource.table)
        name = sa.literal(resource.name).label("name")
        parts.append(sa.select(name, sa.func.max(rows.c.updated_at)).where(condition))
    return {row[0]: row[1] for row in reader.rows("the catalogue", sa.union_all(*parts))}
