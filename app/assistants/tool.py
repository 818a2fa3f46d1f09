"""What a tool is: a question with its schema, a result with its schema, and a function between the two.

Results are small, since a model has to read them, and carry the address of the page that each statement is from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from app.api.read_request import ReadRequest
from app.core.docstrings import docstring
from app.core.reading.reader import Located, Moved
from app.core.reading.referents import no_such
from app.core.reading.slug_or_id import is_slug_or_id
from app.core.reading.value_types import Moment
from app.core.resource import Resource
from app.errors import NotFound
from app.pages.register import Record, Register
from app.resources import CATALOGUE

if TYPE_CHECKING:
    Kind = str
else:
    Kind = Literal[tuple(each.singular for each in CATALOGUE)]
    """The kinds of record, as a client names them."""


class Question(BaseModel):
    """The arguments of a tool."""

    model_config = ConfigDict(extra="forbid")


class QuestionAsOf(Question):
    """The arguments of a tool that can look back."""

    as_of: Moment | None = Field(
        default=None,
        description="The register as it stood at this moment, such as 2025-12-31T00:00:00Z. Leave out for today.",
    )


class ToolResult(BaseModel):
    """What a tool returns. What is not known is left out."""

    model_config = ConfigDict(extra="forbid")


class Named(ToolResult):
    """A record, by its name and its page."""

    type: str = Field(description="The kind of record, as `get_record` takes it.")
    slug: str = Field(description="Its name in addresses, as `get_record` takes it.")
    title: str = Field(description="What it is called.")
    page: str = Field(description="Its page, to be cited.")


QuestionT = TypeVar("QuestionT", bound=Question)
ResultT = TypeVar("ResultT", bound=ToolResult)


class Call:
    """One use of a tool: the register as anybody sees it, now or at a moment."""

    def __init__(self, read: ReadRequest, as_of: datetime | None) -> None:
        """Read within the transaction of a request."""
        self.read = read
        self.as_of = as_of
        self.base = read.context.public_url

    @cached_property
    def register(self) -> Register:
        """The register, through the same code that the pages and the API read it with."""
        return Register(self.read, self.as_of)

    def address(self, path: str, *pairs: tuple[str, str]) -> str:
        """The address of a page, at the moment that was asked for."""
        every = [*pairs, *([("as_of", self.as_of.isoformat())] if self.as_of is not None else [])]
        joined = f"{path}{'&' if '?' in path else '?'}{urlencode(every)}" if every else path
        return f"{self.base}{joined}"

    def page_of_list(self, path: str) -> str:
        """The page of a list, given its path in the API: their queries are the same."""
        return self.address(path.removeprefix("/v1"))

    def named(self, resource: Resource, record: Mapping[str, Any]) -> dict[str, str]:
        """A record, by its name and its page."""
        return {
            "type": resource.singular,
            "slug": str(record["slug"]),
            "title": str(record["title"]),
            "page": self.address(f"/{resource.name}/{record['slug']}"),
        }

    def find(self, resource: Resource, slug_or_id: str) -> tuple[Located, Record]:
        """A record, by its slug, a slug that it once had, or its id; raises NotFound or Gone."""
        reader = self.register.reader
        try:
            located = reader.locate(resource, slug_or_id)
        except Moved as moved:
            located = reader.locate(resource, moved.slug)
        except NotFound:
            if not is_slug_or_id(slug_or_id):
                raise
            raise NotFound(no_such(reader.connection, reader.tables, [resource], slug_or_id)) from None
        return located, reader.one(resource, located.id)


@dataclass(frozen=True)
class Tool(Generic[QuestionT, ResultT]):
    """Something that an assistant can call. Its description is what a model chooses it by."""

    name: str
    title: str
    description: str
    question: type[QuestionT]
    result: type[ResultT]
    run: Callable[[Call, QuestionT], ResultT]


def tool(name: str, title: str) -> Callable[[Callable[[Call, QuestionT], ResultT]], Tool[QuestionT, ResultT]]:
    """Make a function a tool: its docstring is the description, and its signature says what it takes and gives."""

    def made_of(run: Callable[[Call, QuestionT], ResultT]) -> Tool[QuestionT, ResultT]:
        kinds = run.__annotations__
        return Tool(name, title, docstring(run), kinds["question"], kinds["return"], run)

    return made_of


def shortened(text: str | None, most: int) -> str | None:
    """The beginning of a text, cut between words; None where there is none."""
    line = " ".join((text or "").split())
    if not line:
        return None
    return line if len(line) <= most else f"{line[:most].rsplit(' ', 1)[0]} …"
