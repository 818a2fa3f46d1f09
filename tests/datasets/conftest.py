"""The bundled registers as their files have them."""

import pytest

from app.operations.prepare import BUNDLED
from tests.support.bundles import Records, records_of


@pytest.fixture(scope="package")
def bundle() -> Records:
    """Every bundled record, by resource."""
    return records_of(BUNDLED)
