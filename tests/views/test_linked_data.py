"""The catalogue and the context, read by processors that know nothing of us (rdflib, pyld)."""

import json
import re
from urllib.parse import urljoin

import orjson
import pytest
from pyld import jsonld
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, XSD

from app.formats import FORMATS, schema_org
from app.resources import ALL
from tests.support.register import Register

pytestmark = [
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
]

BASE = "https://register.example"
CATALOGUE = URIRef(f"{BASE}/v1/catalog.jsonld")


@pytest.fixture(scope="module")
def raw(register: Register) -> bytes:
    """The catalogue."""
    response = register.get("/v1/catalog.jsonld")
    assert response.headers["content-type"] == "application/ld+json"
    assert register.get("/v1/catalog.jsonld", headers={"If-None-Match": response.headers["etag"]}).status_code == 304
    return response.content


@pytest.fixture(scope="module")
def graph(raw: bytes) -> Graph:
    """What it says, read at an address."""
    return Graph().parse(data=raw, format="json-ld", publicID=str(CATALOGUE))


def test_every_resource_is_a_dataset_with_all_its_files(register: Register, graph: Graph) -> None:
    datasets = set(graph.objects(CATALOGUE, DCAT.dataset))
    names = ["export", *(resource.name for resource in ALL)]
    assert datasets == {URIRef(f"{BASE}/v1/{name}#dataset") for name in names}
    for resource in ALL:
        (address,) = graph.subjects(DCTERMS.identifier, Literal(resource.name))
        files = {graph.value(each, DCAT.downloadURL) for each in graph.objects(address, DCAT.distribution)}
        expected = {name for name, each in FORMATS.items() if each.is_of(resource.name) and not each.page}
        assert files == {URIRef(f"{BASE}/v1/{resource.name}.{name}") for name in expected}
        modified = graph.value(address, DCTERMS.modified)
        assert isinstance(modified, Literal)
        assert modified.datatype == XSD.dateTime
    for url in graph.objects(None, DCAT.downloadURL):
        path = str(url).removeprefix(BASE)
        query = "" if path.startswith("/v1/export") else "?limit=1"
        response = register.request("HEAD", f"{path}{query}")
        (media_type,) = (graph.value(each, DCAT.mediaType) for each in graph.subjects(DCAT.downloadURL, url))
        assert response.status_code == 200, path
        assert str(media_type).endswith(f"/{response.headers['content-type'].partition(';')[0]}")


def test_it_has_what_dcat_ap_requires(graph: Graph) -> None:
    required = {
        DCAT.Catalog: (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.dataset, DCTERMS.license),
        DCAT.Dataset: (DCTERMS.title, DCTERMS.description, DCAT.distribution, DCAT.theme, DCAT.keyword),
        DCAT.Distribution: (DCAT.accessURL, DCTERMS.license, DCAT.mediaType),
        DCAT.DataService: (DCTERMS.title, DCAT.endpointURL, DCAT.servesDataset),
        FOAF.Agent: (FOAF.name,),
    }
    for kind, properties in required.items():
        nodes = set(graph.subjects(RDF.type, kind))
        assert nodes, kind
        for node in nodes:
            missing = [each for each in properties if graph.value(node, each) is None]
            assert not missing, (node, missing)
    # Nothing that is an address was read as text, and no name was left without meaning.
    addresses = (DCAT.accessURL, DCAT.downloadURL, DCAT.mediaType, DCTERMS.license, DCTERMS.language, DCAT.theme)
    addresses += (FOAF.homepage,)
    assert all(isinstance(value, URIRef) for each in addresses for value in graph.objects(None, each))


@pytest.mark.slow
def test_two_processors_read_the_same(raw: bytes, graph: Graph) -> None:
    options = {"format": "application/n-quads", "base": str(CATALOGUE)}
    quads = jsonld.to_rdf(orjson.loads(raw), options)
    assert isomorphic(graph, Graph().parse(data=quads, format="nt"))


def test_the_context_is_that_of_the_files(register: Register) -> None:
    published = register.get("/v1/context.jsonld").json()["@context"]
    assert published == json.loads(json.dumps(schema_org.CONTEXT))
    record = register.get("/v1/commitments/trade-target-50bn-2030.jsonld").json()
    with_it = Graph().parse(data=json.dumps({**record, "@context": published}), format="json-ld", publicID=BASE)
    assert isomorphic(with_it, Graph().parse(data=json.dumps(record), format="json-ld", publicID=BASE))


def test_the_front_page_describes_a_dataset(register: Register) -> None:
    response = register.get("/", headers={"Accept": "text/html"})
    # The policy lets no script run but ours; a description is none, and no browser runs it.
    assert "script-src 'self'" in response.headers["content-security-policy"]
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', response.text, re.DOTALL)
    described = json.loads(text)
    assert described["@type"] == "Dataset"
    for each in described["distribution"]:
        answer = register.get(urljoin("/", each["contentUrl"]), params={"limit": 1})
        assert answer.headers["content-type"].partition(";")[0] == each["encodingFormat"]
    # schema.org's own context cannot be fetched here; its vocabulary is the only word of it that is used.
    graph = Graph().parse(
        data=json.dumps({**described, "@context": {"@vocab": "https://schema.org/"}}), format="json-ld"
    )
    schema = Namespace("https://schema.org/")
    (dataset,) = graph.subjects(RDF.type, schema.Dataset)
    assert {graph.value(dataset, schema[name]) is not None for name in ("name", "license", "creator")} == {True}
