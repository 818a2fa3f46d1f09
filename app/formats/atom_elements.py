"""Elements of Atom (RFC 4287)."""

from datetime import UTC, datetime
from xml.etree import ElementTree

from app.formats.xml_text import xml_text

MEDIA_TYPE = "application/atom+xml"
DECLARATION = b"<?xml version='1.0' encoding='utf-8'?>\n"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without entries last changed."""
_NAMESPACE = "http://www.w3.org/2005/Atom"
ElementTree.register_namespace("", _NAMESPACE)


def element(name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    """An element that stands alone."""
    own = {key: xml_text(value) for key, value in attributes.items()}
    created = ElementTree.Element(f"{{{_NAMESPACE}}}{name}", own)
    created.text = None if text is None else xml_text(text)
    return created


def add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    """An element within another."""
    child = element(name, text, **attributes)
    parent.append(child)
    return child


def written(root: ElementTree.Element) -> bytes:
    """An element as bytes, indented, without a declaration."""
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=False)
    return text + b"\n"


def timestamp(moment: datetime) -> str:
    """A moment as RFC 3339 has it, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
