"""Writing a register out as a bundle."""

from collections.abc import Callable, Iterator, Sequence

from app import NAME
from app.core.reading.reader import Reader
from app.core.resource import Catalogue
from app.core.storage.database import Database
from app.core.visibility import ANONYMOUS, Role, Viewer
from app.formats.bundle.reading import Kind
from app.formats.bundle.selection import Selection
from app.formats.bundle.writing import Bundle

Progress = Callable[[str, int], None]

EDITORS = Viewer(Role.admin, "bundle")
"""On whose behalf bundles are loaded, and drafts are written out."""


def dumped(
    database: Database,
    catalogue: Catalogue,
    kind: Kind,
    *,
    title: str = NAME,
    partnerships: Sequence[str] = (),
    drafts: bool = False,
    with_stamps: bool = True,
    progress: Progress = lambda name, done: None,
) -> Iterator[bytes]:
    """The register as a bundle, as of one moment, piece by piece.

    With ``drafts`` it holds what is not published as well. Without ``with_stamps`` it has neither ids nor revisions
    nor moments: what a person would write.
    """
    viewer = EDITORS if drafts else ANONYMOUS
    with database.reading(seconds=0) as connection:
        selection = Selection(Reader(connection, catalogue, viewer, database.settings.today), partnerships)
        bundle = Bundle(selection, title, with_stamps=with_stamps, progress=progress)
        if kind is Kind.zip:
            from app.formats.bundle.package import write_package

            yield from write_package(bundle)
        else:
            yield from bundle.jsonl() if kind is Kind.jsonl else bundle.yaml()
