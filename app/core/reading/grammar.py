"""The grammar of queries: which parameters a resource's list, records and files take, and what they mean.

The parameters follow from the declaration of the resource. They are gathered once in a pydantic model, which validates
every request and documents the parameters in OpenAPI.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache, cached_property
from typing import Any

from pydantic import BaseModel, Field

from app.core.reading.filters import declared_filters, relation_at
from app.core.reading.list_query import LIMIT, MAX_LIMIT, MAX_TERMS, ListQuery, Term
from app.core.reading.parameters import (
    AS_OF,
    SearchText,
    cursor_parameter,
    limit_parameter,
    names,
    parameter_model,
    read_parameters,
    refused,
)
from app.core.reading.value_types import Flag
from app.core.relations import AnyOne
from app.core.resource import Catalogue, Resource
from app.core.storage.full_text import phrases
from app.core.translations import LANG
from app.errors import BadQuery

COMMON_SORT = ("slug", "created_at", "updated_at")


@cache
def grammar_of(resource: Resource, catalogue: Catalogue) -> "Grammar":
    """The grammar of a resource, made once."""
    return Grammar(resource, catalogue)


class Grammar:
    """The parameters of one resource's list and records, derived from its declaration."""

    def __init__(self, resource: Resource, catalogue: Catalogue) -> None:
        """Derive filters, sortable fields, facets and includable resources."""
        self.resource = resource
        self.catalogue = catalogue
        listing = resource.listing
        label = (resource.label,) if resource.label in resource.fields else ()
        self.sortable = tuple(dict.fromkeys((*label, *listing.sort, *COMMON_SORT)))
        self.order = _directions(listing.order or label or ("created_at",))
        self.facetable = listing.facets
        declared = list(declared_filters(resource, catalogue))
        self.filters = {each.filter.parameter: each.filter for each in declared}
        self._filter_definitions = {each.filter.parameter: each.definition for each in declared}

    @cached_property
    def include(self) -> tuple[str, ...]:
        """The resources that records refer to: what a list can include."""
        targets = {target.name for target in self.catalogue.targets(self.resource)}
        if any(isinstance(relation, AnyOne) for relation in self.resource.relations):
            targets |= {each.name for each in self.catalogue if each.citable}
        return tuple(each.name for each in self.catalogue if each.name in targets)

    @cached_property
    def referring(self) -> dict[str, str]:
        """The resources whose records refer to one of these, each with the filter of its list that finds them."""
        found: dict[str, str] = {}
        for other in self.catalogue:
            direct = sorted(other.listing.related.items(), key=lambda each: each[1].count("."))
            for parameter, path in direct:
                _, relation = relation_at(other, self.catalogue, path)
                if isinstance(relation, AnyOne):
                    refers = self.resource.citable
                else:
                    refers = relation.target is self.resource.table
                if refers:
                    found.setdefault(other.name, parameter)
        return found

    @cached_property
    def record_include(self) -> tuple[str, ...]:
        """What a single record can include: what it refers to, and what refers to it."""
        known = {*self.include, *self.referring}
        return tuple(each.name for each in self.catalogue if each.name in known)

    # -- models ------------------------------------------------------------------------------------------------

    def _name(self, kind: str) -> str:
        return f"{self.resource.read.__name__.removesuffix('Read')}{kind}"

    @cached_property
    def record_parameters(self) -> type[BaseModel]:
        """The parameters of a request for one record."""
        definitions: dict[str, Any] = {}
        if self.record_include:
            text = "Add in full, under `included`, the records that this one refers to, once each"
            if self.referring:
                text += (
                    f", and those that refer to it ({', '.join(f'`{name}`' for name in self.referring)}), at most 200 "
                    "of each in the order of their list; `included_more` says where a list goes on"
                )
            definitions["include"] = self._include_parameter(self.record_include, text)
        definitions["as_of"] = AS_OF
        definitions["lang"] = LANG
        return parameter_model(self._name("Selection"), definitions, self._of_files)

    @cached_property
    def list_parameters(self) -> type[BaseModel]:
        """The parameters of a request for a list."""
        definitions: dict[str, Any] = {
            **self._choosing(),
            "limit": limit_parameter(f"At most this many records, up to {MAX_LIMIT}; {LIMIT} by default."),
            "count": (Flag | None, Field(default=None, description="Whether to count all matches, in `total`.")),
            "facets": names(
                self.facetable,
                "Count the matching records by each value of these.",
                examples=[list(self.facetable[:2])] if self.facetable else None,
            ),
        }
        if self.include:
            text = "Add the full records that are referred to, once each, under `included`"
            definitions["include"] = self._include_parameter(self.include, text)
        definitions["as_of"] = AS_OF
        definitions["lang"] = LANG
        return parameter_model(self._name("Query"), definitions, self._of_files)

    @cached_property
    def file_parameters(self) -> type[BaseModel]:
        """The parameters of a request for a list as a file: those of the list that a file can show, and its columns."""
        definitions: dict[str, Any] = {
            **self._choosing(),
            "limit": limit_parameter("At most this many records; all by default.", most=2**31 - 1),
            "fields": self._fields_parameter(),
            "as_of": AS_OF,
            "lang": LANG,
        }
        path = f"/v1/{self.resource.name}"
        of_lists = {name: f"It belongs to the list: {path}?{name}=…" for name in ("include", "facets", "count")}
        return parameter_model(self._name("FileQuery"), definitions, of_lists)

    @cached_property
    def count_parameters(self) -> type[BaseModel]:
        """The parameters of a request for counts: the list's filters, and what to count by."""
        text = "Count the matching records by each value of this, or of two of these together."
        definitions: dict[str, Any] = {
            "by": names(self.facetable, text, least=1, most=2, examples=[[self._telling_facet]]),
            **self._searching(),
            **self._filter_definitions,
            "as_of": AS_OF,
        }
        return parameter_model(self._name("CountQuery"), definitions)

    @property
    def _of_files(self) -> dict[str, str]:
        """Where the parameters belong that files alone take."""
        path = f"/v1/{self.resource.name}"
        return {
            "fields": f"It belongs to files: {path}.json?fields=…",
            "format": f"A file has a path of its own: {path}.csv, {path}.jsonl, …",
        }

    @property
    def _telling_facet(self) -> str:
        """The first facet that every record has a value of, to be counted by in examples."""
        fields = self.resource.read.model_fields
        always = (name for name in self.facetable if name in fields and not self.resource.nullable(name))
        return next(always, self.facetable[-1])

    def _choosing(self) -> dict[str, Any]:
        """Which records, in what order, from where on."""
        sorts = [f"{sign}{name}" for name in self.sortable for sign in ("", "-")]
        text = "Order by these fields, each descending with a leading `-`. Unset values come last."
        example = [f"-{name}" if down else name for name, down in self.order]
        return {
            **self._searching(),
            **self._filter_definitions,
            "sort": names(sorts, text, examples=[example]),
            "cursor": cursor_parameter(),
        }

    def _searching(self) -> dict[str, Any]:
        """Full text. Every list takes it: a client need not know which records have words."""
        text = (
            "Full text: records that have every word, in any case and with or without accents; the start of a word is "
            "enough, and words in double quotes must stand together. Sorted by relevance unless `sort` is given."
        )
        if not self.resource.searchable:
            others = (f"`/v1/{each.name}?q=`" for each in self.catalogue.targets(self.resource) if each.searchable)
            text = f"Finds nothing: these records have no words. What they refer to has: {', '.join(others)}."
        return {"q": (SearchText | None, Field(default=None, description=text))}

    def _fields_parameter(self) -> Any:
        example = list(dict.fromkeys(("slug", self.resource.label)))
        return names(self.resource.fields, "Show only these fields of each record.", examples=[example])

    def _include_parameter(self, known: Sequence[str], text: str) -> Any:
        return names(known, f"{text}.", examples=[[known[0]]])

    # -- reading -----------------------------------------------------------------------------------------------

    def list_query(self, pairs: Sequence[tuple[str, str]]) -> ListQuery:
        """Read the parameters of a list."""
        return self._query(read_parameters(self.list_parameters, pairs))

    def record_query(self, pairs: Sequence[tuple[str, str]]) -> ListQuery:
        """Read the parameters of a single record."""
        return self._query(read_parameters(self.record_parameters, pairs))

    def file_query(self, pairs: Sequence[tuple[str, str]]) -> ListQuery:
        """Read the parameters of a file."""
        return self._query(read_parameters(self.file_parameters, pairs))

    def count_query(self, pairs: Sequence[tuple[str, str]]) -> ListQuery:
        """Read the parameters of counts; what to count by stands in ``facets``."""
        return self._query(read_parameters(self.count_parameters, pairs))

    def naming_query(self, pairs: Sequence[tuple[str, str]], wrong: Collection[str]) -> ListQuery:
        """The valid filters by relation of an invalid query, so that names which lead nowhere are told as well."""
        naming = {name for name, each in self.filters.items() if each.how == "related" and each.operator != "isnull"}
        naming.add("as_of")
        return self._query(
            read_parameters(self.list_parameters, [pair for pair in pairs if pair[0] in naming - {*wrong}])
        )

    def _query(self, parameters: BaseModel) -> ListQuery:
        given: Mapping[str, Any] = parameters.__dict__
        q, as_of = given.get("q"), given.get("as_of")
        if q is not None:
            phrases(q)
            if as_of is not None:
                raise refused("as_of", "Full text searches the present only; leave out one of the two.")
        return ListQuery(
            terms=self._terms(parameters),
            sort=_directions(given.get("sort", ())),
            limit=given.get("limit"),
            cursor=given.get("cursor"),
            count=bool(given.get("count")),
            fields=tuple(given["fields"]) if given.get("fields") else None,
            include=tuple(given.get("include", ())),
            facets=tuple(given.get("by", given.get("facets", ()))),
            q=q,
            as_of=as_of,
        )

    def _terms(self, parameters: BaseModel) -> tuple[Term, ...]:
        terms: list[Term] = []
        for name in sorted(parameters.model_fields_set & self.filters.keys()):
            value = getattr(parameters, name)
            terms.append(Term(self.filters[name], tuple(value) if isinstance(value, list) else (value,)))
        if sum(len(term.values) for term in terms) > MAX_TERMS:
            raise BadQuery(f"A query takes at most {MAX_TERMS} filter values.")
        return tuple(terms)


def _directions(order: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Names, each with whether it descends."""
    return tuple((name.removeprefix("-"), name.startswith("-")) for name in order)
