"""Files: representations of a list beside the JSON of its path, one module each, all streamed from the same query."""

from collections.abc import Mapping

from app.formats.bibliography import BIBLIOGRAPHY
from app.formats.bibtex import BIBTEX
from app.formats.csl_json import CSL_JSON
from app.formats.csv import CSV
from app.formats.feed import ATOM
from app.formats.format import Format
from app.formats.ics import ICS
from app.formats.json import JSON
from app.formats.jsonl import JSON_LINES
from app.formats.jsonld import JSON_LD
from app.formats.ris import RIS
from app.formats.xlsx import XLSX

FORMATS: Mapping[str, Format] = {
    each.name: each for each in (JSON, JSON_LINES, CSV, XLSX, BIBTEX, RIS, CSL_JSON, BIBLIOGRAPHY, ATOM, ICS, JSON_LD)
}
"""The formats by the ending of their paths."""
