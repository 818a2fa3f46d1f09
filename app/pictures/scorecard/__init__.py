"""The scorecard as a picture: how many promises were kept, in which fields, how concrete, and who still meets."""

from app.pictures.scorecard.drawing import draw

__all__ = ["draw"]
