"""Mirrors: this register kept equal to another one, by the other's feed of changes and nothing else.

Ids, revisions and moments are carried along, so that every list answers alike. How far the mirror has come is stored
after each part, so that it goes on there after any interruption; a part that is applied twice changes nothing.
"""

from app.operations.mirror.compare import Difference, compare
from app.operations.mirror.follow import Mirror, MirrorError, Part
from app.operations.mirror.remote import Remote, RemoteError

__all__ = ["Difference", "Mirror", "MirrorError", "Part", "Remote", "RemoteError", "compare"]
