"""A partnership of each test's own, on a real server."""

import httpx
import pytest

from tests.support.editor import Editor
from tests.support.places import generated, generated_registers, place

__all__ = ["editor", "generated", "generated_registers", "place"]


@pytest.fixture
def editor(editor: httpx.Client, anonymous: httpx.Client) -> Editor:
    """An editor, at a partnership of India and Korea that is new."""
    found = Editor(editor, anonymous)
    found.make("partnerships", slug=found.partnership, name="A partnership", parties=["IN", "KR"])
    return found
