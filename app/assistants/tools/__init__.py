"""The tools: one file each, in the order in which an assistant meets them."""

from typing import Any

from app.assistants.tool import Tool
from app.assistants.tools import cite, find_commitments, gaps, get_record, overview, scorecard, search, timeline

TOOLS: tuple[Tool[Any, Any], ...] = (
    overview.TOOL,
    search.TOOL,
    find_commitments.TOOL,
    get_record.TOOL,
    scorecard.TOOL,
    gaps.TOOL,
    timeline.TOOL,
    cite.TOOL,
)
"""Every tool that there is."""
