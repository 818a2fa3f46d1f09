"""The timeline as a picture: a row for each promise from the day it was made to its last, under the meetings."""

from app.pictures.timeline.drawing import draw

__all__ = ["draw"]
