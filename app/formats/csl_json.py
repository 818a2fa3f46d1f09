"""CSL-JSON, as Zotero, Pandoc and citeproc read it: an array of items."""

from collections.abc import Iterable, Iterator

from app.core.strict_json import dump
from app.formats.cited import item_of
from app.formats.format import ROWS_SCHEMA, File, Format, Records
from app.formats.json import array


def write(file: File, parts: Iterable[Records]) -> Iterator[bytes]:
    """One array, an item a line."""
    return array((dump(item_of(file, record)) for record in records) for records in parts)


CSL_JSON = Format(
    name="csl.json",
    media_type="application/vnd.citationstyles.csl+json",
    description="CSL-JSON for Zotero, Pandoc and citeproc.",
    write=write,
    schema=ROWS_SCHEMA,
    resources=frozenset({"sources"}),
    takes_fields=False,
    of_record=True,
)
