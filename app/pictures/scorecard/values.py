"""What the parts of the scorecard share: widths, and figures as text and numbers."""

from collections.abc import Mapping
from typing import Any

from app.languages import written
from app.languages.texts import gettext
from app.pictures import completion as look
from app.pictures.paper import MARGIN, WIDTH, numbered
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
    return gettext("n/a") if value is None else written.percent(value)


def part_of(part: int, all_: int) -> str:
    """A count within another: 3 of 12."""
    return gettext("%(part)s of %(whole)s") % {"part": part, "whole": all_}


def of_promises(count: int) -> str:
    """So many promises."""
    return numbered(count, "%(count)s promise", "%(count)s promises")
