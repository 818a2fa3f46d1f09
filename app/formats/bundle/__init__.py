"""Bundles: a register, or a part of it, as one file, in which each record is written exactly as a client would post it.

Beside that a record carries its stamps (id, revision, moments), so that the register it is loaded into is the same.
As JSON Lines the head is the first line and each record a line that names its ``resource``; as YAML the records stand
in a list for each resource; a zip holds the JSON Lines beside tables.
"""

FORMAT = "followthrough-bundle/1"
HEAD = ("format", "title", "licence", "drafts", "scope", "as_of")
"""What a bundle says of itself."""
