"""What is declared citable can be named by a citation: a resource that was forgotten stops the program at its start."""

import dataclasses

import pytest

from app.core.resource import Catalogue
from app.resources import ALL
from app.resources.citations import EVIDENCE, CitableType
from app.resources.sources import sources


def test_a_citable_resource_that_no_citation_can_name_is_refused() -> None:
    with pytest.raises(ValueError, match='"source" is citable, but no citation can name it: add it to CitableType'):
        Catalogue((dataclasses.replace(sources, citable=True),), EVIDENCE)


def test_citations_name_the_citable_resources_and_no_others() -> None:
    assert {each.value for each in CitableType} == {resource.singular for resource in ALL if resource.citable}
