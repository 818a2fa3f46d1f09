"""Linked data, read by two processors that know nothing of us (rdflib, pyld): the same triples, and the right ones."""

from collections.abc import Mapping
from typing import Any

import httpx
import orjson
import pytest
from pyld import jsonld
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from rdflib.namespace import RDF, SKOS, XSD

from app.core.relations import AnyOne
from app.core.resource import Resource
from app.formats import schema_org
from app.formats.format import File
from app.formats.jsonld import write
from app.resources import ALL, CATALOGUE
from app.resources.citations import CitableType, Intent
from app.resources.participants import ParticipantRole
from app.resources.sources import SourceType
from app.resources.stakeholders import Identifiers, StakeholderKind

# rdflib's own parser makes one.
pytestmark = [
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
]

BASE = "https://register.example"
SCHEMA = Namespace("https://schema.org/")
CITO = Namespace("http://purl.org/spar/cito/")
OA = Namespace("http://www.w3.org/ns/oa#")
PROV = Namespace("http://www.w3.org/ns/prov#")
REF = {"id": "018f0000-0000-7000-8000-000000000000", "slug": "other", "title": "Other"}
COMMON: Mapping[str, Any] = {
    "id": "018f0000-0000-7000-8000-000000000001",
    "slug": "it",
    "title": "It",
    "state": "published",
    "revision": 3,
    "created_at": "2026-01-30T00:00:00Z",
    "updated_at": "2026-01-31T00:00:00Z",
}


def document(resource: Resource, *records: Mapping[str, Any], base: str = BASE) -> bytes:
    """The file of some records."""
    file = File(resource, base=base, licence="https://licence.example/")
    return b"".join(write(file, [records[:1], records[1:]]))


def described(name: str, **fields: Any) -> tuple[Graph, URIRef, URIRef]:
    """What a record with these fields says: the graph, the thing and its page."""
    resource = CATALOGUE.by_name[name]
    record = {**dict.fromkeys(resource.fields), **COMMON, "html_url": f"/{name}/it", **fields}
    graph = Graph().parse(data=document(resource, record), format="json-ld")
    return graph, URIRef(f"{BASE}/{name}/it#this"), URIRef(f"{BASE}/{name}/it")


def address(plural: str) -> URIRef:
    """The other thing that a reference in these tests leads to."""
    return URIRef(f"{BASE}/{plural}/other#this")


def in_plain_numbers(graph: Graph) -> Graph:
    """A graph with each number written one way: the processors differ in how (25.7, 2.57E1), not in which number."""
    plain = Graph()
    for subject, predicate, value in graph:
        number = isinstance(value, Literal) and value.datatype in (XSD.double, XSD.integer)
        plain.add((subject, predicate, Literal(float(value)) if number else value))
    return plain


@pytest.mark.slow
@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_two_processors_read_the_same_from_the_bundled_register(anonymous: httpx.Client, resource: Resource) -> None:
    records = anonymous.get(f"/v1/{resource.name}?limit=25").json()["data"]
    raw = document(resource, *records)
    by_rdflib = Graph().parse(data=raw, format="json-ld")
    quads = jsonld.to_rdf(orjson.loads(raw), {"format": "application/n-quads"})
    assert isomorphic(in_plain_numbers(by_rdflib), in_plain_numbers(Graph().parse(data=quads, format="nt")))
    for record in records:
        thing, page = URIRef(f"{BASE}{record['html_url']}#this"), URIRef(f"{BASE}{record['html_url']}")
        assert (thing, SCHEMA.name, Literal(record["title"])) in by_rdflib
        assert (thing, SCHEMA.mainEntityOfPage, page) in by_rdflib
        assert (page, SCHEMA.version, Literal(record["revision"])) in by_rdflib
    assert len({str(thing) for thing in by_rdflib.subjects(SCHEMA.mainEntityOfPage)}) == len(records)


@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_every_reference_and_every_resource_has_a_word(resource: Resource) -> None:
    assert resource.name in schema_org.TYPES
    words = {**schema_org.COMMON, **schema_org.PROPERTIES.get(resource.name, {})}
    assert set(schema_org.PROPERTIES.get(resource.name, {})) <= set(resource.fields)
    for relation in resource.relations:
        if not isinstance(relation, AnyOne) and (resource.name, relation.field) != ("citations", "source"):
            assert relation.field in words or relation.field == "sources"


def test_words_are_given_for_terms_that_there_are() -> None:
    assert set(schema_org.NARROWER["sources"][1]) <= {term.value for term in SourceType}
    assert set(schema_org.NARROWER["stakeholders"][1]) <= {term.value for term in StakeholderKind}
    assert set(schema_org.ROLES) <= {term.value for term in ParticipantRole}
    assert set(schema_org.INTENTS) == {term.value for term in Intent}
    assert set(schema_org.IDENTIFIERS) <= set(Identifiers.model_fields)
    assert {f"{term.value}s" for term in CitableType} <= set(CATALOGUE.by_name)


def test_a_promise_is_an_action_with_its_agents_and_its_dates() -> None:
    graph, thing, page = described(
        "commitments",
        statement="By 2030.",
        due_on="2030-12",
        completion="limited",
        participants=[
            {"role": "accountable", "stakeholder": REF},
            {"role": "beneficiary", "stakeholder": {**REF, "slug": "third"}},
        ],
        supersedes=REF,
        sources=[REF],
    )
    assert (thing, RDF.type, SCHEMA.Action) in graph
    assert (thing, SCHEMA.scheduledTime, Literal("2030-12", datatype=SCHEMA.Date)) in graph
    assert (thing, SCHEMA.actionStatus, SCHEMA.ActiveActionStatus) in graph
    assert (thing, SCHEMA.agent, address("stakeholders")) in graph
    assert (thing, SCHEMA.participant, URIRef(f"{BASE}/stakeholders/third#this")) in graph
    assert (thing, PROV.wasRevisionOf, address("commitments")) in graph
    assert (address("commitments"), SCHEMA.name, Literal("Other")) in graph
    assert (page, SCHEMA.citation, address("sources")) in graph
    assert (page, SCHEMA.license, URIRef("https://licence.example/")) in graph
    assert (page, SCHEMA.dateModified, Literal("2026-01-31T00:00:00Z", datatype=SCHEMA.DateTime)) in graph
    assert (page, SCHEMA.identifier, Literal(f"urn:uuid:{COMMON['id']}")) in graph


def test_what_has_no_word_keeps_its_own_name() -> None:
    graph, thing, _ = described("commitments", participants=[], sources=[], themes=[], completion="limited")
    (value,) = graph.objects(thing, SCHEMA.additionalProperty)
    assert graph.value(value, SCHEMA.propertyID) == Literal("completion")
    assert graph.value(value, SCHEMA.value) == Literal("limited")


def test_a_stakeholder_is_the_same_thing_elsewhere() -> None:
    identifiers = {"wikidata": "Q668", "ror": None, "lei": "L", "isni": None}
    graph, thing, _ = described("stakeholders", kind="government", identifiers=identifiers, parent=REF)
    assert (thing, RDF.type, SCHEMA.GovernmentOrganization) in graph
    assert list(graph.objects(thing, SCHEMA.sameAs)) == [URIRef("http://www.wikidata.org/entity/Q668")]
    assert (thing, SCHEMA.parentOrganization, address("stakeholders")) in graph


def test_authors_keep_their_order() -> None:
    authors = [{"family": "Kashyap", "given": "Anshika"}, {"literal": "Yonhap"}]
    graph, thing, _ = described("sources", type="article-newspaper", authors=authors, publisher="House", doi="10.1/a")
    assert (thing, RDF.type, SCHEMA.NewsArticle) in graph
    (head,) = graph.objects(thing, SCHEMA.author)
    names = [graph.value(author, SCHEMA.name) for author in Collection(graph, head)]
    assert names == [Literal("Anshika Kashyap"), Literal("Yonhap")]
    assert (thing, SCHEMA.identifier, Literal("https://doi.org/10.1/a")) in graph
    publisher = graph.value(thing, SCHEMA.publisher)
    assert (publisher, RDF.type, SCHEMA.Organization) in graph


def test_a_citation_says_what_its_subject_does_with_the_source() -> None:
    graph, thing, _ = described(
        "citations",
        subject={"type": "commitment", **REF},
        source={**REF, "slug": "paper"},
        intent="disputes",
        quote={"exact": "so it is", "prefix": None, "suffix": None},
    )
    assert (thing, OA.hasTarget, address("commitments")) in graph
    assert (address("commitments"), CITO.disputes, URIRef(f"{BASE}/sources/paper#this")) in graph
    selector = graph.value(thing, OA.hasSelector)
    assert (selector, OA.exact, Literal("so it is")) in graph


def test_themes_are_narrower_than_their_parents() -> None:
    graph, thing, _ = described("themes", parent=REF, sources=[])
    assert (thing, SKOS.broader, address("themes")) in graph


def test_without_an_address_of_the_register_addresses_are_relative() -> None:
    record = {**dict.fromkeys(CATALOGUE.by_name["themes"].fields), **COMMON, "html_url": "/themes/it"}
    raw = document(CATALOGUE.by_name["themes"], record, base="")
    graph = Graph().parse(data=raw, format="json-ld", base="https://here.example/v1/themes/it.jsonld")
    assert (URIRef("https://here.example/themes/it#this"), RDF.type, SCHEMA.DefinedTerm) in graph


def test_no_records_are_an_empty_graph() -> None:
    assert orjson.loads(document(CATALOGUE.by_name["themes"]))["@graph"] == []
