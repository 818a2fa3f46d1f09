"""The package: a zip with a table for each resource (Data Package v2), the bundle, the licence and how to cite it."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import orjson

from app import LICENCE, LICENCE_URL
from app.core.relations import One
from app.core.resource import Catalogue, Resource
from app.formats.bundle.selection import Shown
from app.formats.bundle.writing import Bundle
from app.formats.columns import Column, columns_of
from app.formats.csv import write as write_csv
from app.formats.format import File

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES: Mapping[str, str] = {"number": "number", "boolean": "boolean", "day": "date", "moment": "datetime"}
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
_PIECE = 65_536


def write_package(bundle: Bundle, base: str = "") -> Iterator[bytes]:
    """The zip, when all records are in it. The same records give the same bytes."""
    with TemporaryFile() as out, TemporaryFile() as lines:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            _Package(bundle, archive, lines, base).write()
        out.seek(0)
        yield from iter(lambda: out.read(_PIECE), b"")


class _Package:
    def __init__(self, bundle: Bundle, archive: zipfile.ZipFile, lines: IO[bytes], base: str) -> None:
        self._bundle, self._archive, self._lines, self._base = bundle, archive, lines, base
        self._latest = _EARLIEST
        self._tables: list[tuple[Resource, int]] = []

    def write(self) -> None:
        """All members. The bundle is gathered beside the tables, so that every record is read once."""
        self._lines.write(orjson.dumps(self._bundle.head) + b"\n")
        for resource in self._bundle.selection.reader.catalogue:
            self._add(f"{resource.name}.csv", write_csv(File(resource), self._gathered(resource)))
        self._lines.seek(0)
        self._add("bundle.jsonl", iter(lambda: self._lines.read(_PIECE), b""))
        self._add("datapackage.json", [orjson.dumps(self._described(), option=orjson.OPT_INDENT_2) + b"\n"])
        self._add("README.md", [self._readme().encode()])
        self._add("LICENSE", [licence().encode()])
        self._add("CITATION.cff", [self._citation().encode()])

    def _gathered(self, resource: Resource) -> Iterator[Sequence[Shown]]:
        number = 0
        for part in self._bundle.parts(resource):
            self._lines.write(self._bundle.lines(resource, part))
            self._latest = max(self._latest, *(record["updated_at"] for record in part))
            number += len(part)
            yield part
        self._tables.append((resource, number))

    def _add(self, name: str, pieces: Iterable[bytes]) -> None:
        # A fixed date: the same records give the same bytes.
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        with self._archive.open(info, "w") as member:
            for piece in pieces:
                member.write(piece)

    # -- what stands beside the tables ----------------------------------------------------------------------------

    def _described(self) -> dict[str, Any]:
        """The descriptor (Data Package v2): each table with its columns."""
        return {
            "$schema": _PROFILE,
            "name": "followthrough",
            "title": self._bundle.head["title"],
            "description": "What partner countries promise each other, and what came of it.",
            **({"homepage": self._base} if self._base else {}),
            "version": f"{self._latest:%Y-%m-%dT%H:%M:%SZ}",
            "created": f"{self._latest:%Y-%m-%dT%H:%M:%SZ}",
            "licenses": [{"name": LICENCE, "path": LICENCE_URL, "title": "Creative Commons Attribution 4.0"}],
            "contributors": [{"title": "The editors of this register", "roles": ["publisher"]}],
            "resources": [_table(resource, self._bundle.selection.reader.catalogue) for resource, _ in self._tables],
        }

    def _readme(self) -> str:
        rows = "\n".join(
            f"| [{resource.name}.csv]({resource.name}.csv) | {number:,} | {_about(resource)} |"
            for resource, number in self._tables
        )
        head, limits = self._bundle.head, ""
        if "scope" in head:
            limits += f"\nIt is limited to {', '.join(head['scope'])}.\n"
        if "as_of" in head:
            limits += f"\nIt is the register as it stood at {head['as_of']}.\n"
        return _README.format(title=self._bundle.head["title"], rows=rows, latest=self._latest, limits=limits)

    def _citation(self) -> str:
        address = f"url: {self._base}\n" if self._base else ""
        return (
            "cff-version: 1.2.0\nmessage: If you use these data, please cite them as below.\ntype: dataset\n"
            f"title: {orjson.dumps(self._bundle.head['title']).decode()}\n"
            "authors:\n  - name: The editors of this register\n"
            f"date-released: {self._latest:%Y-%m-%d}\nlicense: {LICENCE}\n{address}"
        )


_README = """# {title}

What partner countries promise each other, and what came of it. The last change in it was made on {latest:%Y-%m-%d}
(UTC).
{limits}
| table | rows | what it holds |
|---|---:|---|
{rows}

- `datapackage.json` says what each column means and is (Data Package v2). The tables are UTF-8. A text that a
  spreadsheet would run as a formula has an apostrophe in front.
- `bundle.jsonl` is the same register as one file, with ids, revisions and moments: `followthrough load bundle.jsonl`,
  or this zip itself sent to `POST /v1/import`, makes an empty register equal to the one it was taken from.
- References are slugs. Dates known only to the month or the year say so: 2018-07, 2018.
- The data are under CC BY 4.0 (`LICENSE`); `CITATION.cff` says how to cite them.
"""


def _about(resource: Resource) -> str:
    first = resource.description.split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
    return first.partition(":")[2].strip() or first


def _table(resource: Resource, catalogue: Catalogue) -> dict[str, Any]:
    columns = columns_of(resource, None)
    foreign_keys = [_foreign_key(relation, catalogue) for relation in resource.relations if isinstance(relation, One)]
    return {
        "name": resource.name,
        "type": "table",
        "path": f"{resource.name}.csv",
        "title": resource.name.capitalize(),
        "description": _about(resource),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": {
            "fields": [_column(column) for column in columns],
            "primaryKey": ["id"],
            "uniqueKeys": [["slug"]],
            "missingValues": [""],
            **({"foreignKeys": foreign_keys} if foreign_keys else {}),
        },
    }


def _foreign_key(relation: One, catalogue: Catalogue) -> dict[str, Any]:
    """What lets a database or a data frame join two tables: a reference is the slug of its target."""
    reference = {"resource": catalogue.of(relation.target).name, "fields": ["slug"]}
    return {"fields": [relation.field], "reference": reference}


def _column(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": _TYPES.get(column.kind, "string")}
    if column.kind == "web_address":
        field["format"] = "uri"
    elif column.kind == "moment":
        field["format"] = "any"
    if column.description:
        field["description"] = column.description
    return field


@cache
def licence() -> str:
    """The licence of the data."""
    return (Path(__file__).parents[2] / "datasets" / "LICENSE").read_text(encoding="utf-8")
