"""CSV for spreadsheets (RFC 4180, UTF-8): one column a field, references by slug.

Lists are joined by ``; ``, participants written ``role=stakeholder``, anything deeper stands as JSON. A text that a
spreadsheet would run as a formula gets an apostrophe in front; :func:`restore` takes it away again, and a text that
had one before keeps it.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.core.answer import dump
from app.core.relations import AnyOne, Many, One
from app.core.resource import Resource

_RUNS = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"''*[=+\-@\t\r]")


def neutralise(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _RUNS.match(text) else text


def restore(text: str) -> str:
    """What :func:`neutralise` was given."""
    return text[1:] if _ESCAPED.match(text) else text


class CsvFormat:
    """Writes records as rows of CSV."""

    media_type = "text/csv; charset=utf-8; header=present"

    def __init__(self, resource: Resource, fields: Sequence[str] | None) -> None:
        """Take the columns: all fields, or those asked for, in the order of the resource."""
        self._resource = resource
        self._fields = [name for name in resource.fields if fields is None or name in fields]

    def head(self) -> bytes:
        """The row of column names."""
        return self._rows([self._fields])

    def write(self, records: Sequence[Mapping[str, Any]]) -> bytes:
        """Some records, each as a row."""
        return self._rows([[self._cell(name, record[name]) for name in self._fields] for record in records])

    def _rows(self, rows: Sequence[Sequence[Any]]) -> bytes:
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerows(rows)
        return out.getvalue().encode()

    def _cell(self, name: str, value: Any) -> Any:
        if value is None:
            return ""
        relation = self._resource.by_field.get(name)
        if isinstance(relation, One):
            return value["slug"]
        if isinstance(relation, AnyOne):
            return f"{value['type']}={value['slug']}"
        if isinstance(relation, Many):
            return "; ".join(_linked(relation, item) for item in value)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return value
        if isinstance(value, str):
            return neutralise(value)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return neutralise("; ".join(value))
        if isinstance(value, (list, dict)):
            return neutralise(dump(value).decode())
        return dump(value).decode().strip('"')


def _linked(relation: Many, item: Mapping[str, Any]) -> str:
    if relation.item is None:
        return str(item["slug"])
    return "=".join([*(str(item[extra]) for extra in relation.extras), str(item[relation.item]["slug"])])
