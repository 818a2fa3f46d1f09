"""Text that XML 1.0 can hold."""

import re

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """A text without what a record may hold and XML may not: among others U+FFFE, which is no character."""
    return _NOT_XML.sub("", text)
