"""Counting the records of a list by one or two of its facets, each number with the list of the records behind it."""

import csv
import io
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.api.context import Context
from app.api.documentation import response, text
from app.api.documented_router import DocumentedRouter
from app.api.read_request import Read, ReadRequest
from app.api.responses import bytes_response, json_response
from app.core.reading.paths import ListPaths
from app.core.resource import Resource
from app.formats.csv import neutralise

CSV = "text/csv"


class CountRow(BaseModel):
    """How many records have some values together."""

    values: dict[str, str] = Field(description="The values, by what is counted by, as they are written in a query.")
    count: int = Field(description="How many records have them.")
    list: str = Field(description="The path of the list of these records.")


class RecordCounts(BaseModel):
    """How many records of a list have which values. Records without a value are in no row."""

    data: list[CountRow] = Field(description="A row for each value, or each pair that occurs; the largest first.")
    total: int = Field(description="How many records match the filters, with such a value or without.")


class CountRoutes:
    """The counts of one resource."""

    def __init__(self, resource: Resource, context: Context) -> None:
        """Count the records of a resource."""
        self.resource = resource
        self.grammar = context.grammar(resource)

    # -- handlers ----------------------------------------------------------------------------------------------

    def get_counts(self, read: Read) -> Response:
        """How many {plural} have each value of one facet, or each pair of values of two, under the filters of the list.
        A {singular} with several values counts for each of them.
        """
        read.choose("json")
        total, rows = self._counts(read)
        return json_response({"data": rows, "total": total}, read.viewer)

    def get_counts_csv(self, read: Read) -> Response:
        """How many {plural} have which values, as CSV."""
        _, rows = self._counts(read)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow([*self.grammar.count_query(read.pairs).facets, "count", "list"])
        for row in rows:
            writer.writerow([*(neutralise(value) for value in row["values"].values()), row["count"], row["list"]])
        headers = {"Content-Disposition": f'attachment; filename="{self.resource.name}-counts.csv"'}
        return bytes_response(out.getvalue().encode(), read.viewer, CSV, headers=headers)

    def _counts(self, read: ReadRequest) -> tuple[int, list[dict[str, Any]]]:
        query = read.query(self.grammar, self.grammar.count_query)
        counts = read.reader(query.as_of).counts(self.grammar, query)
        # The lists of the records that have the values, under the same filters.
        others = [(name, value) for name, value in read.pairs if name != "by" and name not in query.facets]
        lists = ListPaths(self.resource, others)
        rows = []
        for values, number in counts.rows:
            by = dict(zip(query.facets, values, strict=True))
            rows.append({"values": by, "count": number, "list": lists.ending_in(by.items())})
        return counts.total, rows

    # -- registration ------------------------------------------------------------------------------------------

    def register(self, router: APIRouter) -> None:
        """Add the routes, with what the document says of them."""
        path = f"/{self.resource.name}/counts"
        routes = DocumentedRouter(router, self.resource)
        routes.read(
            path,
            self.get_counts,
            "count_{plural}",
            summary="Count {plural}",
            shows=response(200, "The counts.", RecordCounts),
            query=lambda: self.grammar.count_parameters,
        )
        routes.read(
            f"{path}.csv",
            self.get_counts_csv,
            "count_{plural}_csv",
            summary="Count {plural}, as a table",
            shows=response(200, "The counts.", content=text(CSV, "A header row, then a row a count.")),
            query=lambda: self.grammar.count_parameters,
        )
