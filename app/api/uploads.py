"""Files that are sent to be imported: who may send one, the file itself, and whether its client still waits."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Annotated

from fastapi import Depends, Request

from app.api.context import context_of
from app.api.request_body import read_parts
from app.core.visibility import Viewer, may_publish
from app.errors import Forbidden, Malformed

MAX_IMPORT_BYTES = 64 * 1024 * 1024


def import_viewer(request: Request) -> Viewer:
    """On whose behalf records come in: an editor's. Comes before the body is read; synchronous, for its thread."""
    context = context_of(request)
    viewer = context.authenticate(request)
    context.demand_writer(viewer)
    if not may_publish(viewer):
        raise Forbidden("Importing requires the editor role.")
    if "idempotency-key" in request.headers:
        raise Malformed(
            "Idempotency-Key is not taken here. A file whose records all have a slug or an id changes nothing when "
            "it is sent again; of rows without, look first whether they were stored."
        )
    return viewer


ImportViewer = Annotated[Viewer, Depends(import_viewer)]


@dataclass(frozen=True)
class Upload:
    """A file that was sent, on disk until the response is made."""

    file: IO[bytes]
    left: threading.Event
    """Is set once the client has left: it will not learn what became of the file."""

    def is_wanted(self) -> bool:
        """Whether the client still waits."""
        return not self.left.is_set()


async def upload(request: Request, viewer: ImportViewer) -> AsyncIterator[Upload]:
    """The body; refused as soon as it is known to be too large. From its end on, the client is watched."""
    too_large = f"A file to import may have at most {MAX_IMPORT_BYTES // 2**20} MiB."
    with TemporaryFile() as file:
        async for part in read_parts(request, MAX_IMPORT_BYTES, too_large):
            file.write(part)
        file.seek(0)
        left = threading.Event()
        watching = asyncio.create_task(_watch(request, left))
        try:
            yield Upload(file, left)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching


async def _watch(request: Request, left: threading.Event) -> None:
    """Wait until the client leaves: after the body, nothing else comes."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    left.set()


SentFile = Annotated[Upload, Depends(upload, scope="function")]
