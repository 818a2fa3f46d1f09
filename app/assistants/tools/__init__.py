"""The tools: one file each, in the order in which an assistant meets them."""

from typing import Any

from app.assistants.tool import Tool
from app.assistants.tools import cite, find_commitments, gaps, get_record, overview, scorecard, search, timeline

TOOLS: tuple[Tool[Any, Any], ...] = (
    overview.run,
    search.run,
    find_commitments.run,
    get_record.run,
    scorecard.run,
    gaps.run,
    timeline.run,
    cite.run,
)
"""Every tool that there is."""
