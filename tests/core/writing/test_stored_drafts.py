"""Every way in ends in a record or a problem; a record comes back from withdrawal; history goes by its numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.clock import now
from app.core.storage.database import Database
from app.core.storage.history import MAX_CLOCK_LAG, ClockBehind, change_at
from app.core.visibility import Role, Viewer
from app.core.writing.bodies import validate_record
from app.core.writing.writer import ANY_REVISION, Writer
from app.errors import Conflict, Forbidden, Invalid
from app.operations.prepare import migrate
from app.resources import CATALOGUE
from tests.support.databases import Databases, opened

EDITOR = Viewer(Role.editor, "an editor")
THEMES = CATALOGUE.by_name["themes"]


@pytest.fixture
def empty(backend: str, databases: Databases) -> Iterator[Database]:
    """A database with tables and nothing in them."""
    with opened(databases.empty(backend)) as database:
        migrate(database)
        yield database


@contextmanager
def writing(database: Database, at: datetime | None = None, viewer: Viewer = EDITOR) -> Iterator[Writer]:
    """A writer whose changes are kept."""
    with database.writing() as connection:
        writer = Writer(connection, CATALOGUE, viewer, (lambda: at) if at else now)
        yield writer
        writer.close()


def made(writer: Writer, resource_name: str, /, **body: Any) -> Any:
    """Make a record. Gives its id."""
    resource = CATALOGUE.by_name[resource_name]
    return writer.create(resource, validate_record(resource, body))


def test_a_stored_draft_that_no_longer_fits_is_a_problem_that_points_at_the_flaw(empty: Database) -> None:
    with writing(empty) as writer:
        id_ = made(writer, "themes", name="A draft")
    with empty.writing() as connection:
        connection.execute(sa.text("UPDATE theme SET name = :name"), {"name": "x" * 300})
    for change in (
        lambda writer: writer.publish(THEMES, id_, ANY_REVISION),
        lambda writer: writer.patch(THEMES, id_, {"description": "More"}, ANY_REVISION),
    ):
        with pytest.raises(Invalid) as refused, writing(empty) as writer:
            change(writer)
        assert [flaw["pointer"] for flaw in refused.value.errors] == ["/name"]


@pytest.mark.parametrize("body", [{"name": b"bytes"}, {"name": object()}, {"name": float("nan")}, {7: "x"}, {}])
def test_whatever_is_written_is_a_record_or_a_problem(body: Any) -> None:
    with pytest.raises(Invalid):
        validate_record(THEMES, body)


def test_a_withdrawn_record_is_restored_as_a_draft_with_what_was_given_inside(empty: Database) -> None:
    with writing(empty) as writer:
        made(writer, "sources", slug="s", type="report", title="S", state="published")
        theme = made(writer, "themes", slug="t", name="Restored", state="published", citations=[{"source": "s"}])
    with writing(empty) as writer:
        writer.withdraw(THEMES, theme, ANY_REVISION)
        assert writer.reader.several(CATALOGUE.by_name["citations"], []) == {}
    with pytest.raises(Forbidden), writing(empty, viewer=Viewer(Role.contributor, "c")) as writer:
        writer.restore(THEMES, "t")
    with writing(empty) as writer:
        assert writer.restore(THEMES, "t") == theme
        assert writer.row(THEMES, theme)["state"] == "draft"
        citations = CATALOGUE.by_name["citations"].rows
        assert writer.connection.execute(sa.select(citations.c.state)).scalars().all() == ["draft"]
        writer.publish(THEMES, theme, ANY_REVISION)
        assert writer.connection.execute(sa.select(citations.c.state)).scalars().all() == ["published"]
    with pytest.raises(Conflict), writing(empty) as writer:
        writer.restore(THEMES, "t")
    with empty.reading() as connection:
        actions = connection.execute(sa.text("SELECT action FROM revision WHERE resource = 'themes' ORDER BY seq"))
        assert actions.scalars().all() == ["create", "withdraw", "restore", "publish"]
        found = connection.execute(sa.text("SELECT count(*) FROM search_document WHERE resource = 'themes'"))
        assert found.scalar_one() == 1


def test_a_record_does_not_come_back_without_what_it_belongs_to(empty: Database) -> None:
    with writing(empty) as writer:
        partnership = made(writer, "partnerships", slug="p", name="P", parties=["IN", "KR"])
        challenge = made(writer, "challenges", slug="c", title="C", partnership="p")
        writer.withdraw(CATALOGUE.by_name["challenges"], challenge, ANY_REVISION)
        writer.withdraw(CATALOGUE.by_name["partnerships"], partnership, ANY_REVISION)
    with pytest.raises(Conflict, match="partnership"), writing(empty) as writer:
        writer.restore(CATALOGUE.by_name["challenges"], "c")
    with writing(empty) as writer:
        writer.restore(CATALOGUE.by_name["partnerships"], "p")
        writer.restore(CATALOGUE.by_name["challenges"], "c")


def test_changes_are_dated_by_the_clock_and_ordered_by_number(empty: Database) -> None:
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    with writing(empty, noon) as writer:
        made(writer, "themes", name="First")
    back = noon - MAX_CLOCK_LAG + timedelta(seconds=1)
    with writing(empty, back) as writer:
        second = made(writer, "themes", name="Second")
    with empty.reading() as connection:
        assert (
            connection.execute(sa.select(THEMES.rows.c.created_at).where(THEMES.rows.c.id == second)).scalar() == back
        )
        assert change_at(connection, noon) == 2


def test_nothing_is_written_while_the_clock_is_far_behind(empty: Database) -> None:
    """One write under a clock that ran ahead would otherwise date every later one by it."""
    noon = datetime(2027, 5, 1, 12, tzinfo=UTC)
    with writing(empty, noon) as writer:
        made(writer, "themes", name="Ahead")
    with pytest.raises(ClockBehind, match="2027-05-01"), writing(empty, noon - timedelta(days=365)) as writer:
        made(writer, "themes", name="Behind")
    with writing(empty, noon) as writer:
        made(writer, "themes", name="When the clock has caught up")


def test_a_meeting_without_a_title_is_called_by_its_dialogue_place_and_month(empty: Database) -> None:
    meetings = CATALOGUE.by_name["meetings"]
    with writing(empty) as writer:
        made(writer, "partnerships", slug="p", name="P", parties=["IN", "KR"])
        made(writer, "dialogues", slug="d", name="Leaders' summit", level="summit", partnership="p")
        id_ = made(writer, "meetings", dialogue="d", held_on="2018-07-10", place="New Delhi")
        assert writer.row(meetings, id_)["title"] == "Leaders' summit, New Delhi, July 2018"
        assert writer.row(meetings, id_)["slug"] == "leaders-summit-new-delhi-july-2018"
        writer.patch(meetings, id_, {"held_on": "2019", "place": "Seoul"}, ANY_REVISION)
        assert writer.row(meetings, id_)["title"] == "Leaders' summit, Seoul, 2019"
        writer.patch(meetings, id_, {"title": "The summit"}, ANY_REVISION)
        writer.patch(meetings, id_, {"place": "Busan"}, ANY_REVISION)
        assert writer.row(meetings, id_)["title"] == "The summit"
        writer.patch(meetings, id_, {"title": None}, ANY_REVISION)
        assert writer.row(meetings, id_)["title"] == "Leaders' summit, Busan, 2019"
