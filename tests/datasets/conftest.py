"""The bundled registers as their files have them."""

from typing import Any

import pytest

from app.operations.bundle import read_all
from app.operations.prepare import BUNDLED

Record = dict[str, Any]


@pytest.fixture(scope="package")
def bundle() -> dict[str, list[Record]]:
    """Every bundled record, by resource."""
    return {name: records for name, records in read_all(BUNDLED).items() if isinstance(records, list)}
