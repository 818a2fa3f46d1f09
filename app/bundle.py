"""Bundles: a register as one YAML file, in which each record is written exactly as a client would post it.

What ``load`` takes, ``dump`` gives. Loading goes through the same validation and the same writer as the API, in one
transaction; loading the same bundle again changes nothing.
"""

import re
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import IO, Any

import orjson
import sqlalchemy as sa
import yaml
from pydantic import ValidationError

from app.core.answer import dump as dump_json
from app.core.body import DEPTH_MOST, flaws_of, parse
from app.core.clock import Clock, now
from app.core.history import slugs_ever
from app.core.page import Cursors
from app.core.query import Ask, Grammar
from app.core.read import Moved, Reader
from app.core.relations import One
from app.core.resource import Catalogue, Resource
from app.core.visibility import ANONYMOUS, Role, Viewer
from app.core.write import ANY_REVISION, Writer, as_written
from app.db import Database
from app.errors import Gone, Problem

FORMAT = "followthrough-bundle/1"
EDITORS = Viewer(Role.admin, "bundle")
_HEAD = ("format", "title", "licence")
_PART = 500


class BundleError(Exception):
    """A bundle that cannot be loaded: says where, and why."""


class _Loader(yaml.CSafeLoader):
    """YAML whose plain words stay words: no dates, and no "NO" that means false."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse a key that is given twice."""
        found: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise BundleError(f"line {line}: a key is not a text")
            if key in found:
                raise BundleError(f"line {line}: the key {key} is given twice")
            found.add(key)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag.rpartition(":")[2] not in ("timestamp", "bool")]
    for first, rules in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])


@dataclass
class Report:
    """What loading a bundle did, by resource."""

    created: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)

    def total(self, what: Mapping[str, int]) -> int:
        """The number over all resources."""
        return sum(what.values())


def read(path: Path) -> dict[str, Any]:
    """A bundle's content; raises BundleError where it is not one."""
    try:
        raw = path.read_bytes()
        _check_depth(raw)
        content = yaml.load(raw, Loader=_Loader)  # noqa: S506 (a safe loader, made stricter)
    except OSError as error:
        raise BundleError(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise BundleError(f"{path} is not YAML: {error}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BundleError(f"{path} is not a bundle: its first line must be `format: {FORMAT}`")
    return content


def _check_depth(raw: bytes) -> None:
    """Refuse a document nested so deeply that building it would overflow the stack of the parser, which is in C."""
    depth = 0
    for event in yaml.parse(raw, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_MOST:
                raise BundleError("it is nested too deeply")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def load(
    database: Database,
    catalogue: Catalogue,
    content: Mapping[str, Any],
    progress: Callable[[str, int, int], None],
    clock: Clock = now,
) -> Report:
    """Load a bundle, all or nothing. ``progress`` is told the resource, and how many of how many records are done."""
    unknown = [name for name in content if name not in catalogue.by_name and name not in _HEAD]
    if unknown:
        raise BundleError(f"there is no resource {unknown[0]}; known are {', '.join(catalogue.by_name)}")
    report = Report()
    with database.writing() as connection:
        writer = Writer(connection, catalogue, EDITORS, clock)
        for resource in catalogue:
            items = content.get(resource.name) or []
            if not isinstance(items, list):
                raise BundleError(f"{resource.name}: must be a list of records")
            known = slugs_ever(connection, resource) if items else set()
            for place, item in enumerate(_parents_first(resource, items)):
                _load_one(writer, resource, item, known, report)
                progress(resource.name, place + 1, len(items))
        try:
            writer.close()
        except Problem as problem:
            raise BundleError(_told(problem.errors) or problem.detail) from None
        if database.dialect == "postgresql":
            # It would gather statistics by itself, after a while in which it guesses badly; this is read at once.
            connection.execute(sa.text("ANALYZE"))
    return report


def _load_one(writer: Writer, resource: Resource, item: Any, known: Collection[str], report: Report) -> None:
    slug = item.get("slug") if isinstance(item, dict) else None
    where = f"{resource.name}: {slug or 'a record without slug'}"
    if not slug:
        raise BundleError(f"{where}: every record of a bundle needs a slug")
    try:
        raw = orjson.dumps(item)
        parse(raw)
        body = resource.create.model_validate_json(raw, strict=True)
        if slug in known:
            located = writer.reader.locate(resource, slug)
            changed = writer.replace(resource, located.id, body, ANY_REVISION)
            outcome = report.changed if changed else report.unchanged
        else:
            writer.create(resource, body)
            outcome = report.created
    except ValidationError as error:
        raise BundleError(f"{where}: {_told(flaws_of(error))}") from None
    except (Gone, Moved):
        raise BundleError(f"{where}: this record was withdrawn or renamed in the register") from None
    except Problem as problem:
        raise BundleError(f"{where}: {_told(problem.errors) or problem.detail}") from None
    except (TypeError, orjson.JSONEncodeError) as error:
        raise BundleError(f"{where}: {error}") from None
    outcome[resource.name] = outcome.get(resource.name, 0) + 1


def _told(flaws: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(f"{flaw.get('pointer', '')} {flaw['detail']}" for flaw in flaws)


def _parents_first(resource: Resource, items: Sequence[Any]) -> list[Any]:
    """Records in an order in which none refers to a later one of its own resource."""
    own = [each.field for each in resource.relations if isinstance(each, One) and each.target is resource.table]
    if not all(isinstance(item, dict) and isinstance(item.get("slug"), str) for item in items):
        return list(items)
    by_slug: dict[str, Any] = {}
    for item in items:
        if item["slug"] in by_slug:
            raise BundleError(f"{resource.name}: {item['slug']}: this record is given twice")
        by_slug[item["slug"]] = item
    if not own:
        return list(items)
    named = {slug: [item[name] for name in own if isinstance(item.get(name), str)] for slug, item in by_slug.items()}
    needs = {slug: [name for name in names if name in by_slug] for slug, names in named.items()}
    try:
        return [by_slug[slug] for slug in TopologicalSorter(needs).static_order()]
    except CycleError as error:
        raise BundleError(f"{resource.name}: {' → '.join(error.args[1])} refer to each other in a circle") from None


def records(
    connection: sa.Connection, catalogue: Catalogue, resource: Resource, viewer: Viewer
) -> Iterator[dict[str, Any]]:
    """All records of a resource that a viewer sees, as they would be written, in the order of their slugs."""
    reader = Reader(connection, catalogue, viewer)
    grammar, cursors = Grammar(resource, catalogue), Cursors("within this walk")
    cursor: str | None = None
    while True:
        ask = Ask(sort=(("slug", False),), cursor=cursor)
        page = reader.page(grammar, ask, cursors, limit=_PART)
        for record in page.records:
            written: dict[str, Any] = orjson.loads(dump_json(as_written(resource, record)))
            yield written
        if page.after is None:
            return
        cursor = cursors.write(resource.name, ask, page.after)


class _Dumper(yaml.SafeDumper):
    """Block style, long texts folded, lists indented under their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists as well."""
        super().increase_indent(flow, False)


def written(record: Mapping[str, Any]) -> str:
    """A record as it stands in a bundle, in the list of its resource."""
    text = yaml.dump([record], Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    # Not by splitlines(), which also ends lines where a text has U+2028 or the like.
    return "".join(f"  {line}\n" for line in text.removesuffix("\n").split("\n"))


def dump(
    database: Database, catalogue: Catalogue, title: str, out: IO[str], *, drafts: bool = False,
    progress: Callable[[str, int], None] = lambda name, done: None,
) -> None:  # fmt: skip
    """Write the register as a bundle, as of one moment."""
    viewer = EDITORS if drafts else ANONYMOUS
    out.write(f"format: {FORMAT}\n")
    out.write(yaml.safe_dump({"title": title}, allow_unicode=True))
    with database.reading(seconds=0) as connection:
        for resource in catalogue:
            first = True
            for done, record in enumerate(records(connection, catalogue, resource, viewer), 1):
                if first:
                    out.write(f"\n{resource.name}:\n")
                out.write(written(record))
                first = False
                progress(resource.name, done)
