"""Slugs: given or derived, each kept by the record that ever had it, so that old links never lead to something else."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from slugify import slugify

from app.core.field_types import SLUG_LENGTH, is_free_form
from app.core.reading.statements import built_once, rows_of
from app.core.resource import Resource
from app.core.storage import history
from app.errors import Flaw

_ROOM_FOR_A_NUMBER = 8


class Slugs:
    """Finds free slugs within a transaction."""

    def __init__(self, connection: Callable[[], sa.Connection], *, secretive: bool) -> None:
        """A ``secretive`` one derives slugs from which nothing can be learnt of the slugs that are taken."""
        self._connection = connection
        self._secretive = secretive
        self._known: dict[str, dict[str, UUID]] = {}

    def learn(self, resource: Resource) -> dict[str, UUID]:
        """Read every slug that records of a resource have or had, with the record: for many of them at once."""
        if resource.name not in self._known:
            self._known[resource.name] = history.slugs_ever(self._connection(), resource)
        return self._known[resource.name]

    def given(self, resource: Resource, slug: str, id_: UUID) -> list[Flaw]:
        """Take the slug that a client gave; says that another record has or had it, where that is so."""
        flaws = self.flaws_of(resource, slug, id_)
        if not flaws:
            self._note(resource, slug, id_)
        return flaws

    def flaws_of(self, resource: Resource, slug: str, id_: UUID | None = None) -> list[Flaw]:
        """That another record has or had a slug, to be told together with what else is wrong."""
        if not self._is_taken(resource, slug, id_):
            return []
        return [{"pointer": "/slug", "detail": f"The slug is, or once was, that of another {resource.singular}."}]

    def derived(self, resource: Resource, text: str, id_: UUID) -> str:
        """A free slug that is derived from a text."""
        stem = slugify(text, max_length=SLUG_LENGTH - _ROOM_FOR_A_NUMBER, word_boundary=True)
        stem = stem or f"{resource.singular}-{id_.hex[-8:]}"
        if not is_free_form(stem):
            stem = f"{resource.singular}-{stem}"
        if self._secretive:
            stem = f"{stem[: SLUG_LENGTH - _ROOM_FOR_A_NUMBER].rstrip('-')}-{id_.hex[-6:]}"
        number = 1
        slug = stem
        while self._is_taken(resource, slug, id_):
            number += 1
            slug = f"{stem}-{number}"
        return self._note(resource, slug, id_)

    def _note(self, resource: Resource, slug: str, id_: UUID) -> str:
        if resource.name in self._known:
            self._known[resource.name][slug] = id_
        return slug

    def _is_taken(self, resource: Resource, slug: str, id_: UUID | None) -> bool:
        if resource.name in self._known:
            return self._known[resource.name].get(slug, id_) != id_

        def build() -> sa.Select[Any]:
            versions = history.twin(resource.rows)
            had = sa.select(versions.c.id).where(versions.c.slug == sa.bindparam("slug")).limit(1)
            return had if id_ is None else had.where(versions.c.id != sa.bindparam("id"))

        connection = self._connection()
        statement = built_once(("had", resource, id_ is None, connection.dialect.name), build)
        bound = {"slug": slug} if id_ is None else {"slug": slug, "id": id_}
        return bool(rows_of(connection, statement, bound))
