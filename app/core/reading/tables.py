"""The tables as one viewer may see them, at present or as they stood: every query reaches its rows through here."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import sqlalchemy as sa

from app.core.model import Record
from app.core.reading.statements import built_once
from app.core.relations import Many, table_of
from app.core.resource import Catalogue, Resource
from app.core.storage import history
from app.core.storage.json_functions import only_list
from app.core.translations import ORIGINAL, translation
from app.core.visibility import Role, Viewer, visible

Statement = TypeVar("Statement")


@dataclass(frozen=True)
class Linked:
    """A relation to several: its linking rows joined to their targets, and what limits both to what is visible."""

    join: sa.FromClause
    links: sa.FromClause
    target: sa.FromClause
    conditions: list[sa.ColumnElement[bool]]


_ALIASES: dict[tuple[sa.Table, int], sa.FromClause] = {}


class Tables:
    """The tables of the register for a viewer, as they are or as they stood after change ``at``."""

    def __init__(
        self,
        catalogue: Catalogue,
        viewer: Viewer,
        dialect: str,
        today: date,
        at: int | None = None,
        language: str = ORIGINAL,
    ) -> None:
        """Computed fields are as of ``today``, in UTC; texts are in a language where they have been translated."""
        self.language = language
        self.catalogue = catalogue
        self.viewer = viewer
        self.dialect = dialect
        self.today = today
        self.at = at
        self._as_of: dict[sa.Table, sa.FromClause] = {}
        self._handed_out: dict[sa.Table, int] = {}
        own = viewer.actor if viewer.role is Role.contributor else ""
        self._perspective = (catalogue, dialect, viewer.role, own, today, language)

    def built_once(self, shape: Hashable, build: Callable[[], Statement]) -> Statement:
        """A statement of this shape for what this viewer may see; of the past it is built each time."""
        if self.at is not None:
            return build()
        return built_once((self._perspective, shape), build)

    def rows(self, table: sa.Table) -> sa.FromClause:
        """A table, as it is or as it stood."""
        if self.at is None:
            return table
        if table not in self._as_of:
            self._as_of[table] = history.as_of(table, self.at)
        return self._as_of[table]

    def visible(self, model: type[Record]) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
        """A table of records, and the condition under which the viewer sees a row of it."""
        rows = self.rows(table_of(model))
        return rows, self.is_visible(rows, table_of(model))

    def visible_alias(self, model: type[Record]) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
        """The same under a name of its own, for a query that may hold the table already."""
        rows = self.alias(table_of(model))
        return rows, self.is_visible(rows, table_of(model))

    def is_visible(self, rows: sa.FromClause, table: sa.Table, *, withdrawn: bool = False) -> sa.ColumnElement[bool]:
        """The condition under which the viewer sees a row; ``withdrawn``: where wanted by name, and only an editor."""
        later = None if self.at is None else history.withdrawn_since(table, rows, self.at)
        return visible(rows, self.viewer, withdrawn_since=later, withdrawn=withdrawn)

    def alias(self, table: sa.Table) -> sa.FromClause:
        """A table under a name that no other part of this viewer's queries has.

        Making an alias costs more than running a small query, so they are made once and handed out in turn: the same
        request gives the same names, and so finds its statements compiled.
        """
        if self.at is not None:
            return self.rows(table).alias()
        number = self._handed_out.get(table, 0)
        self._handed_out[table] = number + 1
        found = _ALIASES.get((table, number))
        # Another thread may be as far: all must get the same one.
        if found is None:
            found = _ALIASES.setdefault((table, number), table.alias(f"{table.name}_{number}"))
        return found

    def value(self, resource: Resource, rows: sa.FromClause, name: str) -> sa.ColumnElement[Any]:
        """A field of a row, stored or computed."""
        if name == "lang":
            return self._lang(resource, rows)
        if name == "title" and name not in rows.c:
            name = resource.label
        if name in rows.c:
            if self.language != ORIGINAL and name in resource.texts:
                return sa.func.coalesce(translation(rows, self.language, name), rows.c[name], type_=rows.c[name].type)
            return rows.c[name]
        if name == "html_url":
            return sa.literal(f"/{resource.name}/", sa.String) + rows.c.slug
        return resource.computed[name](VisibleRow(self, rows))

    def title(self, resource: Resource, rows: sa.FromClause) -> sa.ColumnElement[Any]:
        """What a row's record is called, in the language of the viewer where it is translated."""
        return self.value(resource, rows, "title")

    def _lang(self, resource: Resource, rows: sa.FromClause) -> sa.ColumnElement[Any]:
        """The language that a row's record is in, as far as its first text says it."""
        original = sa.literal(ORIGINAL, sa.String)
        if self.language == ORIGINAL or not resource.texts:
            return original
        known = translation(rows, self.language, resource.texts[0]).is_not(None)
        return sa.case((known, sa.literal(self.language, sa.String)), else_=original)

    def linked(
        self, resource: Resource, field: str, where: Mapping[str, str] | None = None
    ) -> tuple[sa.FromClause, sa.ColumnElement[Any], sa.FromClause, list[sa.ColumnElement[bool]]]:
        """A relation to several: its linking rows joined to its targets, the owner's id, the targets, the limits."""
        relation = resource.by_field[field]
        assert isinstance(relation, Many)
        found = self.links_of(relation, where)
        return found.join, found.links.c[relation.owner], found.target, found.conditions

    def links_of(self, relation: Many, where: Mapping[str, str] | None = None) -> Linked:
        """A relation to several; ``where`` limits the linking rows further."""
        links = self.alias(relation.links)
        target, condition = self.visible_alias(relation.target)
        limits = {**relation.where, **(where or {})}
        conditions = [condition, *(links.c[name] == value for name, value in limits.items())]
        if "state" in links.c:
            # The linking rows are records themselves: citations.
            conditions.append(self.is_visible(links, relation.links))
        return Linked(links.join(target, links.c[relation.via] == target.c.id), links, target, conditions)

    def members(self, column: sa.ColumnElement[Any]) -> sa.TableValuedAlias:
        """The members of a list-valued column, as rows with a ``value``."""
        if self.dialect == "sqlite":
            return sa.func.json_each(only_list(column)).table_valued("value")
        return sa.func.json_array_elements_text(only_list(column)).table_valued("value")


class VisibleRow:
    """What a computed field can look at, for one row of a query."""

    def __init__(self, tables: Tables, row: sa.FromClause) -> None:
        """Look from a row, through a viewer's eyes."""
        self._tables = tables
        self.row = row
        self.today = tables.today

    def records(self, name: str) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
        """The rows of a resource, and the condition under which one is visible."""
        return self._tables.visible_alias(self._tables.catalogue.by_name[name].table)

    def rows(self, table: sa.Table) -> sa.FromClause:
        """A linking table."""
        return self._tables.alias(table)
