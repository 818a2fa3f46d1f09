"""What the parts of the scorecard share: widths, and figures as text and numbers."""

from collections.abc import Mapping
from typing import Any

from app.pictures import completion as look
from app.pictures.paper import (
    MARGIN,
    WIDTH,
)
from app.resources.completion import Completion

THEMES = 9
INSIDE = WIDTH - 2 * MARGIN
KEPT = look.LOOKS[Completion.complete]
Figures = Mapping[str, Any]


def whole(reported: Figures) -> int:
    """The value of a figure that counts."""
    return int(reported["value"] or 0)


def percent(reported: Figures) -> str:
    """The value of a figure that is a share, as text."""
    value = reported["value"]
    return "n/a" if value is None else f"{value * 100:.0f}%"
