"""How a flaw of a request is worded: the message as a sentence, with the right name where one is close."""

import difflib
from collections.abc import Iterable, Sequence

from app.core.field_types import unstorable

MAX_FLAWS = 50
"""A problem names this many flaws and no more: to look for the right name of each takes time."""

_MAX_SHOWN = 60


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the right name, where one is close."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean {close[0]}?" if close else ""


def wrong_name(name: str, known: Sequence[str], *, listed: Sequence[str] | None = None) -> str:
    """That a name is none of those known, with the nearest one and all the right ones."""
    shown = "An empty name"
    if name:
        shown = name[:_MAX_SHOWN] if unstorable(name) is None else "?"
    right = f" It takes: {', '.join(listed or known)}." if known else " It takes none here."
    return f"{shown} is not one of its names.{nearest(name[:_MAX_SHOWN], known)}{right}"


def sentence(message: str) -> str:
    """A validator's message as a sentence of ours."""
    text = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    text = text.replace("Input should", "It should").replace("String should", "It should")
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."
