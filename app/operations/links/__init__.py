"""Whether the addresses of sources still lead somewhere: tried politely, and written into the history of each source.

What refuses programs (``blocked``) is kept apart from what is not there any more (``broken``). A robots.txt is obeyed,
a host is asked for one thing at a time, and what it says of waiting is done.
"""

from app.operations.links.check import Finding, Link, check_links
from app.operations.links.politeness import Politeness
from app.operations.links.record import due, store

__all__ = ["Finding", "Link", "Politeness", "check_links", "due", "store"]
