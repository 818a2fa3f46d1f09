"""A workbook to fill in and send back: the columns that can be written, lists to choose from, two examples.

Days and months are typed as text, or Excel would make a day of ``2018-07``. A list warns of what is not in it and lets
it pass, since a label serves as well as a code, and a record may be newer than the list.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from app.core.relations import Many, One
from app.core.resource import Resource
from app.formats.columns import columns_of
from app.formats.format import File, Records
from app.formats.input_columns import InputColumn, as_text, input_columns
from app.formats.table_reading import letter
from app.formats.workbook_disk import as_the_disk_says
from app.formats.workbook_properties import NOT_BEFORE, properties

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

ROWS = 1_000
"""The rows that have lists to choose from; more can be filled in."""
MAX_CHOICES = 500
EXAMPLES = 2
_MAX_MESSAGE_LENGTH = 255
_PIECE = 65_536
_WIDE = {"title": 50, "name": 40, "statement": 60, "description": 60, "narrative": 60, "summary": 60}

Choices = Sequence[tuple[str, str, str]]
"""What can be chosen: the code or slug, what it is called, and what it means."""


def write(file: File, parts: Iterable[Records]) -> Iterator[bytes]:
    """The workbook. Of the register's records it shows two, and what the first of them refer to."""
    from xlsxwriter import Workbook

    records = next(iter(parts), [])
    columns = [each for each in input_columns(file.resource).values() if _wanted(file, each)]
    latest = max((each.get("updated_at") or NOT_BEFORE for each in records), default=NOT_BEFORE)
    with TemporaryFile() as out:
        with as_the_disk_says(), Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            book.set_properties(properties(file.resource, latest))
            _Template(book, file.resource, columns, records).write()
        out.seek(0)
        yield from iter(lambda: out.read(_PIECE), b"")


def _wanted(file: File, column: InputColumn) -> bool:
    return file.fields is None or column.required or column.path[0] in file.fields


class _Template:
    """The sheets, one after the other."""

    def __init__(self, book: "Workbook", resource: Resource, columns: Sequence[InputColumn], records: Records) -> None:
        self._resource, self._columns, self._records = resource, columns, records
        self._sheet: Worksheet = book.add_worksheet(resource.name)
        self._examples: Worksheet = book.add_worksheet("Examples")
        self._lists: Worksheet = book.add_worksheet("Lists")
        self._about: Worksheet = book.add_worksheet("About")
        self._bold = book.add_format({"bold": True})
        self._required = book.add_format({"bold": True, "bg_color": "#FFF2CC"})
        self._text = book.add_format({"num_format": "@"})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})

    def write(self) -> None:
        """Write all of them."""
        for sheet in (self._sheet, self._examples):
            for place, column in enumerate(self._columns):
                sheet.set_column(place, place, _WIDE.get(column.name, 22), self._text)
                sheet.write_string(0, place, column.name, self._required if column.required else self._bold)
            sheet.freeze_panes(1, 0)
        self._write_examples()
        self._write_lists()
        self._write_about()

    def _write_examples(self) -> None:
        exported = {column.name: column for column in columns_of(self._resource, None)}
        for row, record in enumerate(self._records[:EXAMPLES], 1):
            for place, column in enumerate(self._columns):
                name = "sources" if column.name == "citations" else column.name
                if name in exported and (text := as_text(exported[name].value(record))):
                    self._examples.write_string(row, place, text)

    def _write_lists(self) -> None:
        """What can be chosen, three columns a list; and beside each cell to fill in, what it is."""
        beside = 0
        for place, column in enumerate(self._columns):
            validation: dict[str, Any] = {"validate": "any"}
            if choices := self._choices(column):
                for row, (cells, style) in enumerate(
                    [((column.name, "", ""), self._bold), *((choice, None) for choice in choices)]
                ):
                    for at, cell in enumerate(cells):
                        self._lists.write_string(row, beside + at, cell, style)
                self._lists.set_column(beside, beside + 1, 24)
                if not isinstance(column.relation, Many):
                    source = f"=Lists!${letter(beside)}$2:${letter(beside)}${len(choices) + 1}"
                    validation = {"validate": "list", "source": source, "error_type": "warning"}
                beside += 3
            message = f"{'Required. ' if column.required else ''}{column.description}"
            validation |= {"input_title": column.name[:32], "input_message": message[:_MAX_MESSAGE_LENGTH]}
            self._sheet.data_validation(1, place, ROWS, place, validation)

    def _choices(self, column: InputColumn) -> Choices:
        if column.vocabulary is not None:
            return [(str(term.value), term.label, term.definition) for term in column.vocabulary]
        if column.relation is None:
            return []
        found: dict[str, str] = {}
        for record in self._records:
            for item in _references(record, column.relation):
                found.setdefault(str(item["slug"]), str(item["title"]))
        return [(slug, title, "") for slug, title in sorted(found.items())[:MAX_CHOICES]]

    def _write_about(self) -> None:
        name = self._resource.name
        steps = (
            f"1. Fill in the sheet “{name}”, a row a record. Columns with a yellow name are required.",
            f"2. Try it: send the file to /v1/import?resource={name}&dry_run=true. Each flaw is named with its cell.",
            "3. Send it without dry_run. With one row refused, nothing is stored.",
            "A row with the slug of a record changes that record; without, it is a new one.",
            "Dates: 2018-07-10, or 2018-07, or 2018. Where several go into one cell, semicolons stand between them.",
        )
        self._about.set_column(0, 0, 30)
        self._about.set_column(1, 1, 12)
        self._about.set_column(2, 2, 100)
        for row, step in enumerate(steps):
            self._about.write_string(row, 0, step)
        at = len(steps) + 1
        for place, head in enumerate(("Column", "", "Meaning")):
            self._about.write_string(at, place, head, self._bold)
        for row, column in enumerate(self._columns, at + 1):
            cells = (column.name, "required" if column.required else "", column.description)
            for place, cell in enumerate(cells):
                self._about.write_string(row, place, cell, self._wrapped)


def _references(record: Mapping[str, Any], relation: One | Many) -> Iterator[Mapping[str, Any]]:
    value = record.get(relation.field)
    for item in value if isinstance(value, list) else [value]:
        if item:
            yield item[relation.item] if isinstance(relation, Many) and relation.item else item
