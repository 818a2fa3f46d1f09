"""Following: what has come since, applied in one go, so that nothing refers to what is not there yet.

An entry of the feed carries the record as it is now. Read to its end, the feed therefore gives a register as it is, and
the latest entry of each record is all that counts.
"""

from collections.abc import Iterator, Mapping
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from app.core.field_types import WebAddress
from app.core.importing import Entry, Item, Items, Mode, Place, import_records
from app.core.importing.importer import Progress
from app.core.model import State
from app.core.resource import Catalogue, Resource
from app.core.storage.database import Database
from app.core.storage.history import MAX_SEQ
from app.core.visibility import Role, Viewer
from app.core.writing.bodies import as_written
from app.core.writing.stamps import model_of
from app.core.writing.writer import ANY_REVISION, Writer
from app.operations.mirror.remote import Remote, RemoteError, shown
from app.operations.prepare import is_empty, setting, store_setting

MIRROR = Viewer(Role.admin, "mirror")
_SETTING = "mirror"
_UNLIKE = "an entry of its feed is not as a register writes it"
_ADDRESS = TypeAdapter(WebAddress)


class MirrorError(Exception):
    """The mirror cannot go on; says what to do."""


class Part:
    """What has come since, the latest of each record.

    The records are on disk: a mirror's first part is the whole of the other register. In memory is where each stands.
    """

    def __init__(self, seq: int) -> None:
        """Begin after a number; the file ends with the block that the part is used in."""
        self.seq = seq
        self.entries = 0
        self.removed: dict[tuple[str, str], str] = {}
        """By resource and id, with how it went."""
        self._file = TemporaryFile()  # noqa: SIM115 (closed by __exit__)
        self._end = 0
        self._stored: dict[tuple[str, str], tuple[int, int]] = {}

    def __enter__(self) -> "Part":
        """Keep records within the block."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Remove what is kept."""
        self.close()

    def close(self) -> None:
        """Remove what is kept."""
        self._file.close()

    def __len__(self) -> int:
        """How many records have come."""
        return len(self._stored)

    def records(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The records, each with its resource."""
        for (resource, _), (offset, length) in self._stored.items():
            self._file.seek(offset)
            yield resource, orjson.loads(self._file.read(length))

    def take(self, entries: list[dict[str, Any]]) -> None:
        """Note the entries of the feed."""
        for entry in entries:
            try:
                key = (entry["resource"], entry["id"])
                removed, record = entry["removed"], entry["record"]
                action, seq = entry["action"], entry["seq"]
            except (KeyError, TypeError):
                raise RemoteError(_UNLIKE) from None
            texts = isinstance(key[0], str) and isinstance(key[1], str)
            if (
                not texts
                or not isinstance(record, dict | None)
                or type(seq) is not int
                or not self.seq < seq <= MAX_SEQ
            ):
                raise RemoteError(_UNLIKE)
            self.seq = seq
            self._stored.pop(key, None)
            self.removed.pop(key, None)
            if removed:
                self.removed[key] = action
            elif record is not None:
                self._store(key, orjson.dumps(record))
            # Else it is not public any more: its removal follows.
        self.entries += len(entries)

    def _store(self, key: tuple[str, str], raw: bytes) -> None:
        self._file.seek(self._end)
        self._file.write(raw)
        self._stored[key] = (self._end, len(raw))
        self._end += len(raw)


class Mirror:
    """A register that is kept equal to another one."""

    def __init__(self, database: Database, catalogue: Catalogue, url: str) -> None:
        """Mirror the register at an address. Raises MirrorError where that is none, or this one is something else."""
        try:
            _ADDRESS.validate_python(url)
        except ValidationError:
            raise MirrorError("name the other register by its address, such as https://register.example") from None
        self._database = database
        self._catalogue = catalogue
        self._url = url.rstrip("/")
        stored = setting(database, _SETTING)
        known = orjson.loads(stored) if stored else None
        if known is None and not is_empty(database):
            raise MirrorError(
                "this register has records of its own, so it cannot become a mirror; name an empty one by "
                "FOLLOWTHROUGH_DATA_DIR or FOLLOWTHROUGH_DATABASE_URL"
            )
        if known is not None and known["url"] != self._url:
            raise MirrorError(f"this register is a mirror of {known['url']}")
        self.seq: int = known["seq"] if known else 0
        """The number of the last change of the other register that is in this one."""
        self._noted = known is not None

    def _note(self, seq: int) -> None:
        store_setting(self._database, _SETTING, orjson.dumps({"url": self._url, "seq": seq}).decode())
        self.seq = seq
        self._noted = True

    async def read(self, remote: Remote, progress: Any) -> Part:
        """What has come since, to be closed by whoever asked for it. Raises RemoteError."""
        part = Part(self.seq)
        try:
            async for entries in remote.changes(self.seq, progress):
                part.take(entries)
            if not self._noted:
                # Not before: a mistyped address, or one without a register, would bind this register to it for ever.
                # And before anything is stored, so that a run that is interrupted there can be gone on with.
                self._note(self.seq)
        except BaseException:
            part.close()
            raise
        return part

    def apply(self, part: Part, progress: Progress) -> None:
        """Bring this register to where the other was when the part was read. Raises MirrorError."""
        if len(part):
            items = Items(self._items(part))
            plan = import_records(
                self._database,
                self._catalogue,
                MIRROR,
                items,
                mode=Mode.mirror,
                today=self._database.settings.today,
                progress=progress,
                by_field=False,
            )
            if plan.refused:
                raise MirrorError(_described(plan.refused[0]))
        if part.removed:
            self._remove(part)
        self._note(part.seq)

    def _items(self, part: Part) -> Iterator[Item]:
        for name, record in part.records():
            resource = self._resource(name)
            try:
                fields = written(resource, record)
            except (KeyError, TypeError, AttributeError, ValueError):
                raise RemoteError(_UNLIKE) from None
            yield Item(resource, fields, Place())

    def _resource(self, name: str) -> Resource:
        if name not in self._catalogue.by_name:
            raise MirrorError(
                f"the other register has {shown(name)}, which this version does not know: bring this one up to date"
            )
        return self._catalogue.by_name[name]

    def _remove(self, part: Part) -> None:
        """Take back what was taken back there, what depends on others first."""
        try:
            gone = [(self._resource(name), UUID(id_), action) for (name, id_), action in part.removed.items()]
        except ValueError:
            raise RemoteError(_UNLIKE) from None
        order = {resource.name: place for place, resource in enumerate(self._catalogue)}
        with self._database.writing() as connection:
            writer = Writer(connection, self._catalogue, MIRROR, today=self._database.settings.today)
            for resource, id_, action in sorted(gone, key=lambda each: -order[each[0].name]):
                rows = resource.rows
                state = writer.connection.execute(sa.select(rows.c.state).where(rows.c.id == id_)).scalar()
                if state != State.published.value:
                    continue
                if action == "withdraw":
                    writer.withdraw(resource, id_, ANY_REVISION)
                else:
                    writer.set_state(resource, id_, State.draft)
            writer.close()


def written(resource: Resource, record: Mapping[str, Any]) -> dict[str, Any]:
    """A record of the other register as a bundle has it: what a body says, and its stamps."""
    stamps = {name: record[name] for name in model_of(resource).model_fields if record.get(name) is not None}
    stamps.pop("seq", None)
    return {**as_written(resource, record), **stamps}


def _described(entry: Entry) -> str:
    flaws = "; ".join(f"{error.get('pointer', '')} {error['detail']}".strip() for error in entry.errors)
    return f"{entry.resource} {shown(str(entry.slug))} cannot be taken over: {flaws}"
