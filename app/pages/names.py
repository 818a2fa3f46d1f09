"""What records without a title of their own are called on pages, where only a reference to them is at hand."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.pages.fields import NAMED_BY, name_of
from app.pages.register import Record, Register

_SUBJECTS_A_QUERY = 40


def names_of(register: Register, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The names of those of some records that have no title, by the singular of their resource and their slug."""
    slugs: dict[str, list[str]] = {}
    for singular, slug in dict.fromkeys(wanted):
        name = register.context.catalogue.by_singular[singular].name
        if name in NAMED_BY:
            slugs.setdefault(name, []).append(slug)
    found: dict[tuple[str, str], str] = {}
    for name, named in slugs.items():
        singular = register.resource(name).singular
        for start in range(0, len(named), _SUBJECTS_A_QUERY):
            pairs = [("slug", slug) for slug in named[start : start + _SUBJECTS_A_QUERY]]
            records = register.records(name, *pairs, fields=NAMED_BY[name])
            found |= {(singular, each["slug"]): name_of(name, each) for each in with_subjects(register, records)}
    return found


def with_subjects(register: Register, records: Sequence[Record]) -> list[Record]:
    """Citations whose subjects have the names that pages call them by; other records as they are."""
    subjects = [each["subject"] for each in records if each.get("subject")]
    names = names_of(register, ((each["type"], each["slug"]) for each in subjects)) if subjects else {}
    return [_named(each, names) for each in records] if names else list(records)


def _named(record: Record, names: Mapping[tuple[str, str], str]) -> Record:
    subject: Mapping[str, Any] | None = record["subject"]
    if not subject:
        return record
    title = names.get((subject["type"], subject["slug"]), subject["title"])
    return {**record, "subject": {**subject, "title": title}}
