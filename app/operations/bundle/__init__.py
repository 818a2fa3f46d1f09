"""Bundles on the command line: the same code as ``/v1/export`` and ``/v1/import``.

What ``load`` takes, ``dump`` gives. Loading goes through the same validation and the same writer as the API, in one
transaction; loading the same bundle again changes nothing.
"""

from app.formats.bundle import FORMAT
from app.formats.bundle.yaml_text import write_record
from app.operations.bundle.dump import dump, dumped
from app.operations.bundle.file import BundleError, kind_of, opened_bundles, read, read_all
from app.operations.bundle.load import EDITORS, Report, load

__all__ = [
    "EDITORS",
    "FORMAT",
    "BundleError",
    "Report",
    "dump",
    "dumped",
    "kind_of",
    "load",
    "opened_bundles",
    "read",
    "read_all",
    "write_record",
]
