"""Followthrough: an open register of what partner countries promise each other, and what came of it."""

__version__ = "0.1.0"
