"""What each resource can be asked, worked out once."""

from functools import cache

from app.core.query import Filter, Grammar
from app.core.resource import Resource
from app.resources import CATALOGUE


@cache
def grammar_of(resource: Resource) -> Grammar:
    """The parameters of a resource."""
    return Grammar(resource, CATALOGUE)


def filters_of(resource: Resource) -> dict[str, Filter]:
    """The filters of a resource, by the name of their parameter."""
    return grammar_of(resource).filters
