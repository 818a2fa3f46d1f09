"""What every problem has (RFC 9457), and what one flaw of a request is."""

import inspect
from collections.abc import Mapping, Sequence
from typing import ClassVar, NotRequired, TypedDict


class Flaw(TypedDict):
    """One thing that is wrong with a request: where, and what."""

    pointer: NotRequired[str]
    parameter: NotRequired[str]
    detail: str
    # Of a file that is imported: which record, and where it stands.
    resource: NotRequired[str]
    slug: NotRequired[str]
    file: NotRequired[str]
    row: NotRequired[int]
    column: NotRequired[str]


class Problem(Exception):
    """An error with its HTTP status, its permanent name and what a client can do about it.

    What a kind means is its docstring.
    """

    status: ClassVar[int] = 500
    name: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"
    meaning: ClassVar[str] = "The server met a condition that it did not expect. Nothing was changed."
    remedy: ClassVar[str] = "Try again; if it lasts, report the request id given in `instance`."

    def __init_subclass__(cls) -> None:
        """Take the docstring of a kind for what it means."""
        if cls.__doc__:
            cls.meaning = inspect.cleandoc(cls.__doc__).replace("\n", " ")

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[Flaw] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Say what is wrong this time, and where."""
        super().__init__(detail or self.title)
        self.detail = detail or self.meaning
        self.errors = list(errors)
        self.headers = dict(headers or {})
