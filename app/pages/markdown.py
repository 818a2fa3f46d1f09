"""Markdown as HTML, for the texts that come with the program."""

from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup

_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


@cache
def markdown(text: str) -> Markup:
    """A text as HTML. Raw HTML in it is shown, not obeyed."""
    return Markup(_parser.render(text))  # noqa: S704 (the parser escapes what is no Markdown)
