"""Representations of a list other than JSON: one file each, all streamed from the same query."""

from collections.abc import Mapping

from app.core.format import Format
from app.formats.csv import CsvFormat
from app.formats.jsonl import JsonLinesFormat

FORMATS: Mapping[str, type[Format]] = {"csv": CsvFormat, "jsonl": JsonLinesFormat}
