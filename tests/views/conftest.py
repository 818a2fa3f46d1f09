"""What the tests of views look at."""

from tests.support.places import generated, generated_registers, place

__all__ = ["generated", "generated_registers", "place"]
