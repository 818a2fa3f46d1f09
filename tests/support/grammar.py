"""What each resource can be asked, worked out once."""

from app.core.reading import grammar
from app.core.reading.grammar import Grammar
from app.core.reading.list_query import Filter
from app.core.resource import Resource
from app.resources import CATALOGUE


def grammar_of(resource: Resource) -> Grammar:
    """The parameters of a resource."""
    return grammar.grammar_of(resource, CATALOGUE)


def filters_of(resource: Resource) -> dict[str, Filter]:
    """The filters of a resource, by the name of their parameter."""
    return grammar_of(resource).filters
