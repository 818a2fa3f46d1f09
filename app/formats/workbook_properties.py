"""What a workbook says of itself as a document."""

from datetime import UTC, datetime
from typing import Any

from app.core.resource import Resource

NOT_BEFORE = datetime(1980, 1, 1, tzinfo=UTC)
"""When a workbook without records was made: no archive can say an earlier day."""


def properties(resource: Resource, latest: datetime) -> dict[str, Any]:
    """Its title, and when its records last changed, not when it was written: the same records give the same bytes."""
    return {"title": f"Followthrough: {resource.name}", "created": latest.replace(tzinfo=None)}
