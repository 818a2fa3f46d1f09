"""Markdown as HTML, for the texts that come with the program."""

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


@cache
def markdown(text: str) -> Markup:
    """A text as HTML. Raw HTML in it is shown, not obeyed."""
    return Markup(_parser().render(text))  # noqa: S704 (the parser escapes what is no Markdown)


@cache
def _parser() -> "MarkdownIt":
    # Imported when the first text is wanted: a server starts sooner without.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")
