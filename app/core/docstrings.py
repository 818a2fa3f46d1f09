"""What functions and classes say of themselves, for those who use them from outside."""

import inspect


def docstring(of: object) -> str:
    """The docstring of a function or a class, each of its paragraphs in one line."""
    paragraphs = inspect.cleandoc(of.__doc__ or "").split("\n\n")
    return "\n\n".join(each.replace("\n", " ") for each in paragraphs)
