"""Archives that others made, opened with care: nothing is unpacked to disk, and nothing is believed of its size.

An archive may be a bomb (a few bytes that unpack to more than fits anywhere), list a million members, or name paths
that lead out of a folder. All of that is known before anything is unpacked.
"""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

from app.core.importing import Unreadable

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_MEMBERS = 1000
_END_OF_DIRECTORY = 22
_MAX_DIRECTORY_BYTES = 1024 * 1024
_ZIP64 = 20
_FAILURES = (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError)


def open_zip(file: IO[bytes], *, max_unpacked: int = MAX_UNPACKED_BYTES) -> zipfile.ZipFile:
    """A zip whose list of members was looked at; raises Unreadable where there is anything wrong with it."""
    _check_directory(file)
    try:
        archive = zipfile.ZipFile(file)
    except _FAILURES:
        raise Unreadable("It is not a zip that can be read.") from None
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise Unreadable(f"The zip has more than {MAX_MEMBERS} members.")
    if sum(each.file_size for each in members) > max_unpacked:
        raise Unreadable(f"The zip would unpack to more than {max_unpacked // 2**20} MiB.")
    for each in members:
        steps = each.filename.replace("\\", "/").split("/")
        if not steps[0] or ".." in steps or ":" in each.filename or not each.filename.isprintable():
            raise Unreadable("A member of the zip has a path that leads out of it.")
        if each.flag_bits & 1:
            raise Unreadable("The zip is encrypted.")
    return archive


def _check_directory(file: IO[bytes]) -> None:
    """Look at the end of a zip, which says how large the list of its members is, before that is read."""
    size = file.seek(0, io.SEEK_END)
    if size < _END_OF_DIRECTORY:
        raise Unreadable("It is not a zip that can be read.")
    file.seek(max(0, size - _END_OF_DIRECTORY - _ZIP64))
    end = file.read()
    record = end[-_END_OF_DIRECTORY:]
    file.seek(0)
    if record[:4] != b"PK\x05\x06" or record[20:] != b"\0\0":
        raise Unreadable("It is not a zip that can be read: it is cut off, or has a comment at its end.")
    if end[:4] == b"PK\x06\x07" or int.from_bytes(record[12:16], "little") > _MAX_DIRECTORY_BYTES:
        raise Unreadable("The zip lists more members than are taken.")


@contextmanager
def opened_member(archive: zipfile.ZipFile, name: str, *, most: int = MAX_UNPACKED_BYTES) -> Iterator[IO[bytes]]:
    """A member of a zip, to be read; raises Unreadable where it is damaged or larger than it said."""
    try:
        with archive.open(name) as member:
            yield io.BufferedReader(cast(io.RawIOBase, _Bounded(member, most)))
    except _FAILURES as error:
        if isinstance(error, ValueError) and not isinstance(error, zipfile.BadZipFile):
            raise
        raise Unreadable("It is damaged, or packed in a way that is not taken.", file=name) from None


class _Bounded(io.RawIOBase):
    """A stream that ends with Unreadable where it is longer than it may be."""

    def __init__(self, source: IO[bytes], most: int) -> None:
        self._source, self._left = source, most

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read on."""
        piece = self._source.read(len(buffer))
        self._left -= len(piece)
        if self._left < 0:
            raise Unreadable("It unpacks to more than is taken.")
        buffer[: len(piece)] = piece
        return len(piece)
