"""The trace as a picture: from what stands in the way, over what was proposed, to what was promised, and where.

Four columns that are read from left to right. Within each, records stand as near as they can to what they are tied to.
"""

from app.pictures.graph.drawing import draw

__all__ = ["draw"]
