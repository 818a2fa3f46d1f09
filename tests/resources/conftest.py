"""A partnership of each test's own, on a real server."""

import httpx
import pytest

from tests.support.desk import Desk
from tests.support.places import generated, generated_registers, place

__all__ = ["desk", "generated", "generated_registers", "place"]


@pytest.fixture
def desk(editor: httpx.Client, anonymous: httpx.Client) -> Desk:
    """An editor, at a partnership of India and Korea that is new."""
    found = Desk(editor, anonymous)
    found.make("partnerships", slug=found.partnership, name="A partnership", parties=["IN", "KR"])
    return found
