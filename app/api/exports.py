"""The whole register, or some partnerships of it, as one file: ``/v1/export.zip``, ``.jsonl`` and ``.yaml``."""

from collections.abc import Generator, Iterator
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from app.api.context import Context
from app.api.documentation import response
from app.api.documented_router import DocumentedRouter
from app.api.file_stream import FileStream, last_change, stored_response, streaming, tag_of
from app.api.read_request import Read, ReadRequest
from app.api.responses import HEAD, LICENCE_LINK, VARY, cache_control
from app.api.schemas import YAML_BUNDLE
from app.core.field_types import SlugOrId
from app.core.reading.parameters import ParameterSet
from app.core.reading.value_types import Moment
from app.core.strict_json import dump
from app.errors import Overloaded
from app.formats.bundle.selection import Selection
from app.formats.bundle.writing import Bundle

Ending = Literal["jsonl", "yaml", "zip"]
MEDIA_TYPES: dict[str, str] = {
    "jsonl": "application/jsonl",
    "yaml": "application/yaml; charset=utf-8",
    "zip": "application/zip",
}
_SCHEMAS: dict[str, dict[str, Any]] = {
    "jsonl": {"type": "string"},
    "yaml": YAML_BUNDLE,
    "zip": {"type": "string", "contentMediaType": "application/zip"},
}
MAX_PARTNERSHIPS = 20


class ExportParameters(ParameterSet):
    """The query of an export."""

    partnership: list[SlugOrId] = Field(
        default_factory=list,
        max_length=MAX_PARTNERSHIPS,
        description=(
            "Only these partnerships, each by slug or id: what belongs to them, and the themes, stakeholders and "
            "sources that their records refer to. All where it is left out."
        ),
        examples=[["india-south-korea"]],
    )
    as_of: Moment | None = Field(
        default=None, description="The register as it stood at this moment, such as `2026-11-30T00:00:00Z`."
    )


class ExportRoutes:
    """The register as a file."""

    def __init__(self, context: Context) -> None:
        """Serve a register."""
        self.context = context

    def export_zip(self, read: Read) -> Response:
        """A zip with a CSV for each resource, `datapackage.json` (Data Package v2), the bundle, and who may use it and
        how to cite it. A key's drafts are in it, where it may see them.
        """
        return self._export(read, "zip")

    def export_jsonl(self, read: Read) -> Response:
        """The whole register, one record a line, ids, revisions and moments included: `POST /v1/import` of it makes an
        empty register equal to this one. A key's drafts are in it, where it may see them.
        """
        return self._export(read, "jsonl")

    def export_yaml(self, read: Read) -> Response:
        """The same as `.jsonl`, for people: a list of records for each resource. A key's drafts are in it, where it may
        see them.
        """
        return self._export(read, "yaml")

    def _export(self, read: ReadRequest, ending: Ending) -> Response:
        query = read.parameters(ExportParameters)
        headers = {"Cache-Control": cache_control(read.viewer), "Vary": VARY, "Link": LICENCE_LINK}
        if (stored := stored_response(read, headers, MEDIA_TYPES[ending])) is not None:
            return stored
        numbers: list[int] = []
        sent = FileStream(self._pieces(read, query, ending, numbers), MEDIA_TYPES[ending])
        sent.headers.update(headers)
        sent.headers["ETag"] = tag_of(read, numbers[0])
        sent.headers["Content-Disposition"] = f'attachment; filename="followthrough.{ending}"'
        if read.request.scope.get(HEAD):
            sent.end()
        return sent

    def _pieces(
        self, read: ReadRequest, query: ExportParameters, ending: Ending, numbers: list[int]
    ) -> Generator[bytes]:
        """The bytes, from one snapshot; notes first the number of the last change that it holds."""
        with streaming(read) as connection:
            numbers.append(last_change(connection, read.viewer))
            selection = Selection(self.context.reader(connection, read.viewer, query.as_of), query.partnership)
            as_of = dump(query.as_of).decode().strip('"') if query.as_of is not None else ""
            yield from self._written(Bundle(selection, as_of=as_of), ending)

    def _written(self, bundle: Bundle, ending: Ending) -> Iterator[bytes]:
        if ending == "zip":
            from app.formats.bundle.package import write_package

            return write_package(bundle, self.context.public_url)
        return bundle.jsonl() if ending == "jsonl" else bundle.yaml()

    # -- registration -------------------------------------------------------------------------------------------

    def register(self, router: APIRouter) -> None:
        """Add the routes, with what the document says of them."""
        routes = DocumentedRouter(router)
        for ending, handler, kind in (
            ("zip", self.export_zip, "a data package"),
            ("jsonl", self.export_jsonl, "JSON Lines"),
            ("yaml", self.export_yaml, "YAML"),
        ):
            content = {MEDIA_TYPES[ending].partition(";")[0]: {"schema": _SCHEMAS[ending]}}
            routes.read(
                f"/export.{ending}",
                handler,
                summary=f"Export the register as {kind}",
                shows=response(200, "The file.", None, "Link", content=content),
                fails=(Overloaded,),
                query=ExportParameters,
            )
