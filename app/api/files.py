"""Files: all records of a list in one piece (``/v1/commitments.csv``), or one record (``/v1/sources/a-slug.bib``).

A file is streamed (``file_stream.py``). Its entity tag follows from what decides its bytes: the last change that the
client can see, the day, and the request. It is known before the first byte is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import BaseModel, Field, create_model

from app import LICENCE_URL
from app.api.context import Context
from app.api.documentation import response
from app.api.documented_router import DocumentedRouter
from app.api.file_stream import FileStream, RecordSource, WholeFile, pieces_of, stored_response, tag_of
from app.api.read_request import Read, ReadRequest
from app.api.responses import HEAD, LICENCE_LINK, VARY, bytes_response, cache_control
from app.core.reading.list_query import ListQuery
from app.core.reading.parameters import ParameterSet, flaws_together, parameter_model, read_parameters, refused
from app.core.reading.value_types import Flag, Moment
from app.core.resource import Resource
from app.errors import BadCursor, NotFound
from app.formats.format import File, Format

Ending = Annotated[str, Path(alias="format", description="The format of the file.")]
SlugOrId = Annotated[str, Path(alias="slug")]
Pairs = Sequence[tuple[str, str]]


class FileRoutes:
    """The lists and the records of one resource as files."""

    def __init__(self, resource: Resource, context: Context) -> None:
        """Serve a resource in the formats that it has."""
        self.resource = resource
        self.context = context
        every = context.formats
        self.formats = {name: each for name, each in every.items() if each.is_of(resource.name)}
        """The formats of the list, by the ending of their paths."""
        self.of_record = {name: each for name, each in every.items() if each.of_record}
        self.media_types = {name: each.media_types for name, each in self.formats.items() if not each.page}
        """What the plain path can be asked for by ``Accept``, JSON first."""

    @cached_property
    def parameters(self) -> type[BaseModel]:
        """Every parameter of a file of a list, whatever its format: for the document."""
        base = self.context.grammar(self.resource).file_parameters
        options = {name: field for each in self.formats.values() for name, field in _option_fields(each).items()}
        return create_model(base.__name__, __base__=base, **options)

    # -- handlers ----------------------------------------------------------------------------------------------

    def get_file(self, read: Read, ending: Ending) -> Response:
        """All records of the list."""
        format_ = self._format(self.formats, ending)
        options, rest = self._divided(format_, read.pairs)
        grammar = self.context.grammar(self.resource)
        with flaws_together() as reading:
            with reading():
                own = self._own(format_, options)
            with reading():
                query = read.query(grammar, grammar.file_query, rest)
        return self.stream(read, format_, query, own)

    def get_record_file(self, read: Read, slug_or_id: SlugOrId, ending: Ending) -> Response:
        """One record."""
        # A slug has no dot; an ending may.
        slug_or_id, _, ending = f"{slug_or_id}.{ending}".partition(".")
        format_ = self._format(self.of_record, ending)
        options, rest = self._divided(format_, read.pairs)
        with flaws_together() as reading:
            with reading():
                own = self._own(format_, options)
            with reading():
                as_of = read_parameters(RecordFileParameters, rest).as_of
        reader = read.reader(as_of)
        located = reader.locate(self.resource, slug_or_id)
        record = reader.one(self.resource, located.id)
        file = self._file(read, format_, own)
        body = b"".join(format_.write(file, [[record]]))
        headers = {"Link": LICENCE_LINK, **_shown(format_, located.slug)}
        return bytes_response(body, read.viewer, format_.media_type, revision=located.revision, headers=headers)

    def _demand_fitting(self, read: ReadRequest, format_: Format, query: ListQuery) -> None:
        """Refuse what a file of this format cannot have, and a cursor that is none."""
        with flaws_together() as reading:
            with reading():
                if query.fields is not None and not format_.takes_fields:
                    raise refused("fields", f"A .{format_.name} file has columns of its own.")
            with reading():
                if query.sort and not format_.takes_sort:
                    raise refused("sort", f"A .{format_.name} file has an order of its own.")
            with reading():
                if query.cursor is not None:
                    self.context.cursors.read(self.resource.name, query, read.viewer)

    def stream(
        self, read: ReadRequest, format_: Format, query: ListQuery, own: Mapping[str, Any] | None = None
    ) -> Response:
        """A list as a file; the plain path gives it as well, to whoever prefers that."""
        self._demand_fitting(read, format_, query)
        if format_.sort and not query.sort:
            query = replace(query, sort=tuple((name.removeprefix("-"), name[:1] == "-") for name in format_.sort))
        if query.limit is None:
            query = replace(query, limit=format_.limit)
        headers = {"Cache-Control": cache_control(read.viewer), "Vary": VARY, "Link": LICENCE_LINK}
        if (stored := stored_response(read, headers, format_.media_type, format_.name)) is not None:
            return stored
        return self._streaming(read, format_, query, self._file(read, format_, own or {}, query.fields), headers)

    def _format(self, known: Mapping[str, Format], ending: str) -> Format:
        if ending not in known:
            raise NotFound(f"There is no such file; there is {', '.join(f'.{name}' for name in known)}.")
        return known[ending]

    def _divided(self, format_: Format, pairs: Pairs) -> tuple[Pairs, Pairs]:
        """The parameters of its own that a format is given, and the rest of the query."""
        known = _options_of(format_).model_fields
        return [pair for pair in pairs if pair[0] in known], [pair for pair in pairs if pair[0] not in known]

    def _own(self, format_: Format, options: Pairs) -> Mapping[str, Any]:
        return read_parameters(_options_of(format_), options).__dict__

    def _file(
        self, read: ReadRequest, format_: Format, own: Mapping[str, Any], fields: tuple[str, ...] | None = None
    ) -> File:
        url = read.request.url
        return File(
            self.resource,
            fields,
            frozenset(name for name in format_.options if own.get(name)),
            {name: own.get(name) or choice.values[0] for name, choice in format_.choices.items()},
            path=f"{url.path}?{url.query}" if url.query else url.path,
            base=self.context.public_url,
            licence=LICENCE_URL,
            register=self.context.register_id,
        )

    def _streaming(
        self, read: ReadRequest, format_: Format, query: ListQuery, file: File, headers: dict[str, str]
    ) -> Response:
        source = RecordSource(read, self.resource, query)
        pieces = pieces_of(source, format_, file)
        whole = source.is_one_part
        stream = WholeFile(pieces, format_.media_type) if whole else FileStream(pieces, format_.media_type)
        stream.headers.update(
            headers
            | {
                "ETag": tag_of(read, source.last_change, format_.name),
            }
            | _shown(format_, self.resource.name)
        )
        if read.request.scope.get(HEAD):
            stream.end()
        return stream

    # -- registration ------------------------------------------------------------------------------------------

    def register(self, router: APIRouter) -> None:
        """Add the routes, with what the document says of them. They come before those of records."""
        plural = self.resource.name
        routes = DocumentedRouter(router, self.resource)
        if self.of_record:
            routes.read(
                f"/{plural}/{{slug}}.{{format}}",
                self.get_record_file,
                "get_{singular}_file",
                summary="Get the {singular} as a file",
                description=_described("The {singular} in another format", self.of_record),
                shows=response(200, "The file.", None, "Link", content=_content(self.of_record)),
                query=RecordFileParameters,
                path_values={"format": list(self.of_record)},
            )
        routes.read(
            f"/{plural}.{{format}}",
            self.get_file,
            "export_{plural}",
            summary="Export {plural} as a file",
            description=_described("All {plural} that match, under the list's own filters", self.formats),
            shows=response(200, "The file.", None, "Link", content=_content(self.formats)),
            fails=(NotFound, BadCursor),
            query=lambda: self.parameters,
            path_values={"format": list(self.formats)},
        )


class RecordFileParameters(ParameterSet):
    """The query of a file of one record."""

    as_of: Moment | None = Field(default=None, description="The record as it stood at this moment.")


@cache
def _options_of(format_: Format) -> type[BaseModel]:
    """The parameters of a format's own, which are the same for every resource."""
    return parameter_model("FileOptions", _option_fields(format_))


def _option_fields(format_: Format) -> dict[str, Any]:
    only = f"Only for `.{format_.name}`."
    flags = {
        name: (Flag, Field(default=False, description=f"{description} {only}"))
        for name, description in format_.options.items()
    }
    choices = {
        name: (
            Literal[choice.values],
            Field(default=choice.values[0], description=f"{choice.description} {only}"),
        )
        for name, choice in format_.choices.items()
    }
    return {**flags, **choices}


def _shown(format_: Format, name: str) -> dict[str, str]:
    """The headers by which a browser saves a file under a name, or shows it, and then lets it do nothing."""
    if format_.page:
        return {"Content-Disposition": "inline", "Content-Security-Policy": "sandbox; default-src 'none'"}
    return {"Content-Disposition": f'attachment; filename="{name}.{format_.name}"'}


def _described(text: str, formats: Mapping[str, Format]) -> str:
    kinds = " ".join(f"`.{each.name}`: {each.description}" for each in formats.values())
    return f"{text}. {kinds}"


def _content(formats: Mapping[str, Format]) -> dict[str, Any]:
    return {each.media_types[0]: {"schema": each.schema} for each in formats.values()}
