"""The models that are derived from each resource, for the document alone: a list, and a record with others.

They are made when the document is, which most servers are never asked for.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from app.core.reading.grammar import Grammar
from app.core.resource import Resource


class RecordModels:
    """How the records of a resource are shown."""

    def __init__(self, resource: Resource, grammar: Grammar) -> None:
        """Derive them from a resource, and from what its lists and records can include."""
        self._resource = resource
        self._grammar = grammar

    @property
    def record(self) -> type[BaseModel]:
        """A record by itself."""
        return self._resource.read

    @cached_property
    def list(self) -> type[BaseModel]:
        """A page of the list."""
        resource, grammar = self._resource, self._grammar
        read: Any = resource.read
        included: Any = _included(f"{stem(resource)}Included", grammar.include, grammar)
        return create_model(
            f"{stem(resource)}List",
            __doc__=f"A part of a list of {resource.name}.",
            data=(list[read], Field(description="The records.")),
            next=(str | None, Field(description="The path of the next page; null on the last.")),
            next_cursor=(str | None, Field(description="The cursor of the next page; null on the last.")),
            total=(int | None, Field(description="How many records match; null unless `count=true`.")),
            facets=(
                dict[str, dict[str, int]] | None,
                Field(description="How many records match by each value, for each of `facets`; null without."),
            ),
            included=(included, Field(default=None, description="The records referred to; only with `include`.")),
            unreadable=(
                int,
                Field(default=None, description="How many records are left out as they cannot be read; only then."),
            ),
        )

    @cached_property
    def with_included(self) -> type[BaseModel]:
        """A single record, which can hold the records that it refers to."""
        resource, grammar = self._resource, self._grammar
        with_referring: Any = _included(f"{stem(resource)}RecordIncluded", grammar.record_include, grammar)
        more: Any = _included_more(resource, grammar)
        return create_model(
            f"{stem(resource)}WithIncluded",
            __base__=resource.read,
            __doc__=f"{resource.read.__doc__} With `include`, the records it refers to stand under `included`.",
            included=(with_referring, Field(default=None, description="What `include` named; only with `include`.")),
            included_more=(
                more,
                Field(
                    default=None,
                    description="Where the lists go on of which `included` has the first 200; only then.",
                ),
            ),
        )


def stem(resource: Resource) -> str:
    """The name of a resource in names of classes: Challenge."""
    return resource.read.__name__.removesuffix("Read")


def _included(name: str, include: Sequence[str], grammar: Grammar) -> type[BaseModel]:
    fields: dict[str, Any] = {
        each: (list[grammar.catalogue.by_name[each].read], None)  # type: ignore[misc]
        for each in include
    }
    return create_model(
        name,
        __config__=ConfigDict(extra="forbid"),
        __doc__="Full records, once each, by resource; only what `include` named.",
        **fields,
    )


def _included_more(resource: Resource, grammar: Grammar) -> type[BaseModel]:
    fields: dict[str, Any] = {
        name: (str, Field(default=None, description=f"The path of the page of {name} that follows."))
        for name in grammar.referring
    }
    return create_model(
        f"{stem(resource)}IncludedMore",
        __config__=ConfigDict(extra="forbid"),
        __doc__="Where the lists go on that `included` holds the beginning of.",
        **fields,
    )
