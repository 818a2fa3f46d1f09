"""JSON-LD 1.1: records as linked data, in the words of :mod:`app.formats.schema_org`.

What a record is about (``…#this``) and the page that describes it are two things: the promise was made on a day, its
page has a revision, a licence and sources. Addresses are relative where the register knows none of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.core.model import RecordRead
from app.core.relations import AnyOne, Many, One
from app.core.strict_json import dump
from app.formats import schema_org
from app.formats.format import File, Format, Records

Node = dict[str, Any]


def write(file: File, parts: Iterable[Records]) -> Iterator[bytes]:
    """One document, a record a line."""
    piece = b'{"@context":' + dump(schema_org.CONTEXT) + b',\n"@graph":['
    before = b"\n"
    for records in parts:
        for record in records:
            piece += before + dump(_Description(file, record).node())
            before = b",\n"
        yield piece
        piece = b""
    yield piece + b"\n]}\n"


class _Description:
    """One record, described."""

    def __init__(self, file: File, record: Mapping[str, Any]) -> None:
        self._file, self._resource, self._record = file, file.resource, record
        self._properties = {**schema_org.COMMON, **schema_org.PROPERTIES.get(file.resource.name, {})}

    def node(self) -> Node:
        """The thing that the record is about, with the page that describes it."""
        node: Node = {"@id": f"{self._page_address()}#this", "@type": self._type()}
        for name, value in self._record.items():
            if value is not None and value != [] and (name == "title" or name not in RecordRead.model_fields):
                self._add(node, name, value)
        self._add_status(node)
        node["mainEntityOfPage"] = self._page()
        return node

    def _page_address(self) -> str:
        return f"{self._file.base}{self._record['html_url']}"

    def _type(self) -> str:
        kinds = schema_org.NARROWER.get(self._resource.name)
        default = schema_org.TYPES.get(self._resource.name, "Thing")
        return default if kinds is None else kinds[1].get(self._record[kinds[0]], default)

    def _page(self) -> Node:
        """What describes the thing: our record of it, at its revision."""
        record = self._record
        page: Node = {
            "@id": self._page_address(),
            "@type": "WebPage",
            "identifier": f"urn:uuid:{record['id']}",
            "version": record["revision"],
            "created": record["created_at"],
            "dateModified": record["updated_at"],
        }
        if self._file.licence:
            page["license"] = self._file.licence
        if record.get("sources"):
            page["citation"] = [self._reference("sources", source) for source in record["sources"]]
        return page

    def _add(self, node: Node, name: str, value: Any) -> None:
        relation = self._resource.by_field.get(name)
        match name, relation:
            case "sources", Many():
                pass  # they are cited by the page
            case "participants", Many():
                self._add_participants(node, relation, value)
            case _, AnyOne():
                self._add_subject(node, value)
            case _, One() | Many():
                self._add_references(node, name, relation, value)
            case "authors", None:
                node["author"] = [_author(author) for author in value]
            case "doi", None:
                node["identifier"] = f"https://doi.org/{value}"
            case "identifiers", None:
                _add_identifiers(node, value)
            case "quote", None:
                node["oa:hasSelector"] = _selector(value)
            case _:
                self._add_plain(node, name, value)

    def _add_plain(self, node: Node, name: str, value: Any) -> None:
        if name in schema_org.NAMED:
            node[self._properties[name]] = {"@type": schema_org.NAMED[name], "name": value}
        elif name in self._properties:
            node[self._properties[name]] = value
        elif isinstance(value, Mapping):
            for inner, each in value.items():
                if each is not None:
                    _add_additional(node, f"{name}.{inner}", each)
        else:
            _add_additional(node, name, value)

    def _add_references(self, node: Node, name: str, relation: One | Many, value: Any) -> None:
        items = value if isinstance(value, list) else [value]
        property_ = self._properties.get(name, name)
        for item in items:
            node.setdefault(property_, []).append(self._reference(relation.target.plural, item))

    def _add_participants(self, node: Node, relation: Many, value: Iterable[Mapping[str, Any]]) -> None:
        for item in value:
            reference = self._reference(relation.target.plural, item["stakeholder"])
            node.setdefault(schema_org.ROLES.get(item["role"], "participant"), []).append(reference)

    def _add_subject(self, node: Node, subject: Mapping[str, Any]) -> None:
        """What a citation says: of its subject, by its intent, that it cites the source."""
        source = self._reference("sources", self._record["source"])
        node["oa:hasTarget"] = {
            "@id": f"{self._file.base}/{subject['type']}s/{subject['slug']}#this",
            "name": subject["title"],
            schema_org.INTENTS[self._record["intent"]]: source,
        }

    def _add_status(self, node: Node) -> None:
        if self._resource.name in schema_org.STATUSES:
            field, property_, values = schema_org.STATUSES[self._resource.name]
            if (status := values.get(self._record[field])) is not None:
                node[property_] = f"https://schema.org/{status}"

    def _reference(self, plural: str, item: Mapping[str, Any]) -> Node:
        return {"@id": f"{self._file.base}/{plural}/{item['slug']}#this", "name": item["title"]}


def _author(author: Mapping[str, str]) -> Node:
    if "literal" in author:
        return {"name": author["literal"]}
    names = {"familyName": author["family"], "givenName": author["given"]}
    return {"@type": "Person", "name": f"{author['given']} {author['family']}", **names}


def _selector(quote: Mapping[str, str | None]) -> Node:
    """The words cited (Web Annotation, TextQuoteSelector)."""
    return {"@type": "oa:TextQuoteSelector", **{f"oa:{name}": text for name, text in quote.items() if text is not None}}


def _add_identifiers(node: Node, identifiers: Mapping[str, str | None]) -> None:
    """What the thing is in other registers: the same thing where they give it an address, else a property of it."""
    for name, value in identifiers.items():
        if value is not None and name in schema_org.IDENTIFIERS:
            node.setdefault("sameAs", []).append({"@id": f"{schema_org.IDENTIFIERS[name]}{value}"})
        elif value is not None:
            _add_additional(node, name, value)


def _add_additional(node: Node, name: str, value: Any) -> None:
    node.setdefault("additionalProperty", []).append({"@type": "PropertyValue", "propertyID": name, "value": value})


JSON_LD = Format(
    name="jsonld",
    media_type="application/ld+json",
    description="Linked data: JSON-LD in the words of schema.org.",
    write=write,
    schema={"type": "object"},
    takes_fields=False,
    of_record=True,
)
