"""What the fast lane tries, and what it leaves to the slow one, which tries the rest.

How something works that depends on no resource is tried in the fast lane on three of them, on SQLite; in the slow lane
on all of them, and on PostgreSQL on the three. Filters and orders, which differ by what they look at, are tried in the
fast lane on a set that covers each kind of field, each operator and each kind of relation, on both databases, and in
the slow lane on every one. What stands above the engine sees no difference between the databases: on PostgreSQL it is
tried in the slow lane alone, and what is about HTTP or words and not about records, not at all.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args

import pytest

from app.core.relations import AnyOne
from app.core.resource import Resource
from app.core.vocabulary import Vocabulary
from app.resources import ALL, CATALOGUE

Candidate = TypeVar("Candidate", bound=Sequence[Any])
_TESTS = Path(__file__).parents[1]


def representatives() -> tuple[Resource, ...]:
    """The resource with the fewest fields, the one with the most relations, and one that refers to any other."""
    simplest = min(ALL, key=lambda resource: len(resource.read.model_fields))
    richest = max(ALL, key=lambda resource: len(resource.relations))
    loosest = next(each for each in ALL if any(isinstance(relation, AnyOne) for relation in each.relations))
    return simplest, richest, loosest


REPRESENTATIVES = frozenset(resource.name for resource in representatives())


_ON_BOTH_AT_ONCE = (
    "core/reading/",
    "core/writing/",
    "core/storage/test_full_text.py",
    "core/storage/test_date_functions.py",
    "contract/test_filters.py",
)
"""Where the database is the subject: what the fast lane tries on PostgreSQL as well."""


_ON_ONE = (
    "assistants/test_door.py",
    "pages/test_embeds.py",
    "pages/test_languages.py",
    "server/test_request_head.py",
    "server/test_upgrade.py",
    "views/test_vocabularies.py",
)
"""Where no answer depends on which database there is: tried on SQLite alone, in either lane."""


def assign(item: pytest.Item) -> None:
    """Leave a test to the slow lane where the fast one proves as much with another."""
    mechanics = item.get_closest_marker("mechanics") is not None
    if _is_repeated(item) and (mechanics or not _path(item).startswith(_ON_BOTH_AT_ONCE)):
        item.add_marker(pytest.mark.slow)
    if mechanics and not _is_representative(item):
        item.add_marker(pytest.mark.slow)


def is_needed(item: pytest.Item) -> bool:
    """Whether a test proves anything that no other one does, in either lane."""
    if not _is_repeated(item):
        return True
    mechanics = item.get_closest_marker("mechanics") is not None
    return not _path(item).startswith(_ON_ONE) and (not mechanics or _is_representative(item))


def _is_repeated(item: pytest.Item) -> bool:
    """Whether it tries on PostgreSQL what is tried on SQLite as well."""
    return bool(_values(item).get("backend") == "postgresql")


def _path(item: pytest.Item) -> str:
    return item.path.relative_to(_TESTS).as_posix()


def _values(item: pytest.Item) -> dict[str, Any]:
    return item.callspec.params if hasattr(item, "callspec") else {}


def _is_representative(item: pytest.Item) -> bool:
    resource = _values(item).get("resource")
    return not isinstance(resource, Resource) or resource.name in REPRESENTATIVES


def some_first(resources: Iterable[Resource]) -> list[Any]:
    """Resources as parameters of a test: the representatives in the fast lane, all others in the slow one."""
    return [
        pytest.param(each, id=each.name, marks=[] if each.name in REPRESENTATIVES else [pytest.mark.slow])
        for each in resources
    ]


def covering(candidates: Iterable[Candidate], trait: Callable[..., Hashable]) -> list[Any]:
    """The candidates as parameters of a test: the first of each trait in the fast lane, all others in the slow one.

    A candidate is the arguments of the test, a resource first and a name last; the trait is worked out from them.
    """
    known: set[Hashable] = set()
    found = []
    for candidate in candidates:
        of = trait(*candidate)
        marks = [pytest.mark.slow] if of in known else []
        known.add(of)
        found.append(pytest.param(*candidate, id=f"{candidate[0].name}-{candidate[-1]}", marks=marks))
    return found


def kind_of_field(resource: Resource, name: str) -> Hashable:
    """What a field is like to whoever compares or sorts by it: its type, whether it may be empty, where it is from."""
    info = resource.read.model_fields.get(name)
    if info is None:
        return name
    types = get_args(info.annotation) or (info.annotation,)
    names = {"vocabulary" if _is_vocabulary(each) else getattr(each, "__name__", str(each)) for each in types}
    marks = frozenset(type(each).__name__ for each in info.metadata)
    return frozenset(names), marks, NoneType in types, name in resource.rows.c


def kinds_of_relations(resource: Resource, path: str) -> Hashable:
    """The kinds of the relations along a path such as ``dialogue.partnership``."""
    kinds = []
    for name in path.split("."):
        relation = resource.by_field[name]
        kinds.append(
            (type(relation).__name__, getattr(relation, "item", None) is not None, getattr(relation, "writable", True))
        )
        if isinstance(relation, AnyOne):
            # What comes after it depends on what is referred to.
            return (*kinds, path.count("."))
        resource = CATALOGUE.of(relation.target)
    return tuple(kinds)


def _is_vocabulary(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Vocabulary)
