"""Translated texts that stand beside a bundle: ``translations/<language>.yaml``, by resource and slug.

A text alone is a record's title; several stand by their fields.

A bundle is easier to read and to correct where each text stands in it once. Translators work on files of their own,
which are merged into the records when those are loaded.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.core.translations import TRANSLATED

Titles = Mapping[str, Mapping[str, Mapping[str, str | Mapping[str, str]]]]
"""The texts by language, resource and slug."""

FOLDER = "translations"


def titles_beside(path: Path) -> Titles:
    """The translated titles for the records of a bundle."""
    return _titles_in(path.parent / FOLDER)


@cache
def _titles_in(folder: Path) -> Titles:
    files = {language: folder / f"{language}.yaml" for language in TRANSLATED}
    return {
        language: yaml.load(file.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
        for language, file in files.items()
        if file.exists()
    }


def with_titles(resource: str, record: Mapping[str, Any], titles: Titles) -> Mapping[str, Any]:
    """A record with its title in the languages that there are; what it says itself in one stays."""
    slug = record.get("slug")
    label = "name" if "name" in record else "title"
    found = {
        language: {label: translated} if isinstance(translated, str) else translated
        for language, by_resource in titles.items()
        if (translated := by_resource.get(resource, {}).get(slug or ""))
    }
    if not found:
        return record
    given: Mapping[str, Mapping[str, str]] = record.get("translations") or {}
    every = {language: {**found.get(language, {}), **given.get(language, {})} for language in {**found, **given}}
    return {**record, "translations": every}
