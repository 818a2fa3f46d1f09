"""Writing bundles: what is read in again gives the same register, and that the same bundle, byte for byte."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from app import LICENCE, NAME
from app.core.resource import Resource
from app.core.storage.history import revisions
from app.core.strict_json import dump
from app.core.visibility import Role
from app.core.writing.bodies import as_written
from app.formats.bundle import FORMAT
from app.formats.bundle.selection import Selection, Shown

Progress = Callable[[str, int], None]


class Bundle:
    """A selection of records as a bundle."""

    def __init__(
        self,
        selection: Selection,
        title: str = NAME,
        *,
        as_of: str = "",
        with_stamps: bool = True,
        progress: Progress = lambda name, done: None,
    ) -> None:
        """Carry ids, revisions and moments along where it is ``with_stamps``."""
        self.selection = selection
        self._with_stamps = with_stamps
        self._progress = progress
        self.head: dict[str, Any] = {"format": FORMAT, "title": title, "licence": LICENCE}
        if selection.reader.viewer.role >= Role.editor:
            self.head["drafts"] = True
        if selection.partnerships:
            self.head["scope"] = list(selection.partnerships)
        if as_of:
            self.head["as_of"] = as_of

    def jsonl(self) -> Iterator[bytes]:
        """The bundle as JSON Lines: the head, then a record a line."""
        yield dump(self.head) + b"\n"
        for resource in self.selection.reader.catalogue:
            for part in self.parts(resource):
                yield self.lines(resource, part)

    def yaml(self) -> Iterator[bytes]:
        """The bundle as YAML: the head, then a list for each resource."""
        # With its library, of which a server that writes no YAML need not wait for the import.
        from app.formats.bundle import yaml_text

        yield yaml_text.write_head(self.head).encode()
        for resource in self.selection.reader.catalogue:
            begun = False
            for part in self.parts(resource):
                text = "".join(map(yaml_text.write_record, self.written(resource, part)))
                yield (text if begun else f"\n{resource.name}:\n{text}").encode()
                begun = True

    def parts(self, resource: Resource) -> Iterator[Sequence[Shown]]:
        """The records of a resource as they are read, part by part."""
        done = 0
        for part in self.selection.parts(resource):
            yield part
            done += len(part)
            self._progress(resource.name, done)

    def lines(self, resource: Resource, part: Sequence[Shown]) -> bytes:
        """Records as lines."""
        named = {"resource": resource.name}
        return b"".join(dump({**named, **record}) + b"\n" for record in self.written(resource, part))

    def written(self, resource: Resource, part: Sequence[Shown]) -> Iterator[dict[str, Any]]:
        """Records as a client would write them, with what is carried along."""
        numbers = self._numbers(part) if self._with_stamps else {}
        given = self._given_inside(resource, part) if self._with_stamps else frozenset()
        for record in part:
            body = as_written(resource, record)
            if self._with_stamps:
                body |= {name: record[name] for name in ("id", "revision", "created_at", "updated_at")}
                body |= {name: record[name] for name in resource.carried if record[name] is not None}
                if record["id"] in numbers:
                    body["seq"] = numbers[record["id"]]
                if record["id"] in given:
                    body["given_inside"] = True
            plain: dict[str, Any] = orjson.loads(dump(body))
            yield plain

    def _numbers(self, part: Sequence[Shown]) -> Mapping[UUID, int]:
        """The number of the last change of each record."""
        reader = self.selection.reader
        chosen = sa.select(revisions.c.record_id, sa.func.max(revisions.c.seq))
        chosen = chosen.where(revisions.c.record_id.in_([record["id"] for record in part]))
        if reader.at is not None:
            chosen = chosen.where(revisions.c.seq <= reader.at)
        return {row[0]: row[1] for row in reader.connection.execute(chosen.group_by(revisions.c.record_id))}

    def _given_inside(self, resource: Resource, part: Sequence[Shown]) -> frozenset[UUID]:
        """Those records that were given inside another one."""
        if resource.given_inside is None:
            return frozenset()
        reader = self.selection.reader
        rows = reader.tables.rows(resource.rows)
        ids = [record["id"] for record in part]
        chosen = sa.select(rows.c.id).where(rows.c.id.in_(ids), rows.c[resource.given_inside])
        return frozenset(reader.connection.execute(chosen).scalars())
