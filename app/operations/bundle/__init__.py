"""Bundles on the command line: the same code as ``/v1/export`` and ``/v1/import``.

What ``followthrough export`` writes, ``load`` takes. Loading goes through the same validation and the same writer as
the API, in one transaction; loading the same bundle again changes nothing.
"""

from app.operations.bundle.dump import EDITORS, dumped
from app.operations.bundle.file import kind_of, opened_bundles

__all__ = ["EDITORS", "dumped", "kind_of", "opened_bundles"]
