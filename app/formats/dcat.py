"""The catalogue of the register (DCAT 3, with what DCAT-AP asks for): a dataset a resource, in each of its files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

Node = dict[str, Any]

CONTEXT: Mapping[str, object] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "modified": {"@id": "dct:modified", "@type": "xsd:dateTime"},
    **{
        name: {"@id": f"{prefix}:{name}", "@type": "@id"}
        for prefix, names in {
            "dcat": (
                "accessURL",
                "accessService",
                "downloadURL",
                "endpointDescription",
                "endpointURL",
                "mediaType",
                "servesDataset",
                "theme",
            ),
            "dct": ("accrualPeriodicity", "conformsTo", "license"),
            "foaf": ("homepage",),
        }.items()
        for name in names
    },
}
"""The context, whole in the file: a reader need fetch nothing to understand it."""

_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_THEME = "http://publications.europa.eu/resource/authority/data-theme/INTR"
"""International issues, in the vocabulary that DCAT-AP wants."""
_ENGLISH = "http://publications.europa.eu/resource/authority/language/ENG"
_CONTINUOUS = "http://publications.europa.eu/resource/authority/frequency/UPDATE_CONT"


class Kind(Protocol):
    """A kind of file: a format, or what the whole register is exported as."""

    @property
    def name(self) -> str:
        """The ending of its path."""

    @property
    def media_type(self) -> str:
        """Its media type."""

    @property
    def description(self) -> str:
        """What it is."""


@dataclass(frozen=True)
class ExportKind:
    """What the whole register is exported as."""

    name: str
    media_type: str
    description: str


EXPORTS = (
    ExportKind("zip", "application/zip", "A data package: a CSV a resource, the bundle, and who may use it."),
    ExportKind("jsonl", "application/jsonl", "The bundle, which another register takes: a record a line."),
    ExportKind("yaml", "application/yaml", "The bundle for people."),
)


@dataclass(frozen=True)
class Described:
    """A dataset of the catalogue: the records of a resource, or all of them."""

    name: str
    """What stands in the path of its files."""
    title: str
    description: str
    modified: datetime | None
    """When one of its records last changed; None where there are none."""
    files: Iterable[Kind]
    page: str
    """The path of its page for people."""


@dataclass(frozen=True)
class Register:
    """What the catalogue is of."""

    name: str
    description: str
    version: str
    base: str
    """Its public address without a slash at its end; empty where none is set: addresses are then paths."""
    licence: str


def catalogue(register: Register, datasets: Iterable[Described]) -> Node:
    """The catalogue as JSON-LD."""
    base = register.base
    all_ = list(datasets)
    changed = [each.modified for each in all_ if each.modified is not None]
    publisher = {"@id": f"{base}/#publisher", "@type": "foaf:Agent", "foaf:name": register.name}
    service: Node = {
        "@id": f"{base}/v1",
        "@type": "dcat:DataService",
        "dct:title": _said(f"API of {register.name}"),
        "endpointURL": f"{base}/v1",
        "endpointDescription": f"{base}/openapi.json",
        "license": register.licence,
        "servesDataset": [_address(register, each) for each in all_],
    }
    return {
        "@context": CONTEXT,
        "@id": f"{base}/v1/catalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": _said(register.name),
        "dct:description": _said(register.description),
        "dct:publisher": publisher,
        "dct:language": {"@id": _ENGLISH},
        "dcat:version": register.version,
        "license": register.licence,
        "homepage": f"{base}/",
        **({"modified": max(changed)} if changed else {}),
        "dcat:service": service,
        "dcat:dataset": [_dataset(register, each, publisher["@id"]) for each in all_],
    }


def _address(register: Register, dataset: Described) -> str:
    return f"{register.base}/v1/{dataset.name}#dataset"


def _said(text: str) -> Node:
    return {"@value": text, "@language": "en"}


def _dataset(register: Register, dataset: Described, publisher: str) -> Node:
    address = f"{register.base}/v1/{dataset.name}"
    return {
        "@id": _address(register, dataset),
        "@type": "dcat:Dataset",
        "dct:title": _said(dataset.title),
        "dct:description": _said(dataset.description),
        "dct:publisher": {"@id": publisher},
        "dct:identifier": dataset.name,
        "dcat:keyword": [_said(dataset.name), _said("international partnerships"), _said("accountability")],
        "dcat:landingPage": {"@id": f"{register.base}{dataset.page}"},
        "theme": _THEME,
        "accrualPeriodicity": _CONTINUOUS,
        "license": register.licence,
        **({"modified": dataset.modified} if dataset.modified else {}),
        "dcat:distribution": [_distribution(register, address, each) for each in dataset.files],
    }


def _distribution(register: Register, address: str, kind: Kind) -> Node:
    path = f"{address}.{kind.name}"
    return {
        "@id": f"{path}#distribution",
        "@type": "dcat:Distribution",
        "dct:title": _said(f".{kind.name}"),
        "dct:description": _said(kind.description),
        "accessURL": path,
        "downloadURL": path,
        "mediaType": f"{_MEDIA_TYPES}{kind.media_type.partition(';')[0]}",
        "accessService": f"{register.base}/v1",
        "license": register.licence,
    }
