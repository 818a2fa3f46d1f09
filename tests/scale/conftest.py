"""Two generated registers, one of them several times the other."""

import pytest

from tests.support.generated_register import SMALL, TINY, Size
from tests.support.places import generated_registers
from tests.support.register import Register

__all__ = ["generated_registers", "large", "small"]


@pytest.fixture
def small(backend: str, generated_registers: dict[tuple[str, Size], Register]) -> Register:
    """60 promises."""
    return generated_registers[backend, TINY]


@pytest.fixture
def large(backend: str, generated_registers: dict[tuple[str, Size], Register]) -> Register:
    """500 promises, a twentieth of the full size."""
    return generated_registers[backend, SMALL]
