"""Rebuilding: nothing drifts whatever is done to a log, and what was changed by other means is mended."""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import sqlalchemy as sa

from app.core.storage.database import Database
from app.core.visibility import Role, Viewer
from app.core.writing.writer import Writer
from app.resources import CATALOGUE
from app.resources.progress import rebuild
from app.settings import Settings
from tests.support.databases import Databases, opened
from tests.support.editor import SOURCE, Editor, fresh
from tests.support.register import Register, application
from tests.support.server import ROOT, Server, environment_of

COMPLETIONS = ("not_assessed", "no_evidence_available", "not_started", "limited", "substantial", "complete")
LIFECYCLES = ("pipeline", "implementation", "finalisation", "closed", "suspended", "cancelled")
STATUSES = ("scheduled", "met", "partially_met", "not_met")


def _rebuilt(database: Database) -> int:
    with database.writing() as connection:
        writer = Writer(connection, CATALOGUE, Viewer(Role.admin, "rebuild"))
        mended = rebuild(writer)
        writer.close()
    return mended


def _drifted(database: Database, statement: str, **values: object) -> int:
    with database.writing() as connection:
        changed: int = connection.execute(sa.text(statement), values).rowcount
        return changed


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    with opened(settings) as database:
        yield database


def test_nothing_has_drifted_after_whatever_was_done(editor: Editor, server: Server) -> None:
    """Updates made, drafted, published, withdrawn, milestones moved and withdrawn, in an order that chance gives."""
    chance = random.Random(4)
    promises = [editor.promise() for _ in range(3)]
    steps = {promise: [editor.milestone(promise) for _ in range(2)] for promise in promises}
    updates: list[str] = []
    done = {201: 0, 200: 0, 204: 0, 409: 0, 422: 0, 410: 0}
    for _ in range(90):
        what = chance.choice(("make", "make", "make", "draft", "publish", "withdraw", "move", "uncite"))
        promise = chance.choice(promises)
        if what in ("make", "draft"):
            sets = {
                name: chance.choice(terms)
                for name, terms in (
                    ("completion", COMPLETIONS),
                    ("lifecycle", LIFECYCLES),
                    ("milestone_status", STATUSES),
                )
                if chance.random() < 0.6
            }
            of = {"milestone": chance.choice(steps[promise])} if "milestone_status" in sets else {}
            body = editor.update_body(
                promise, f"2024-0{chance.randint(1, 4)}-0{chance.randint(1, 4)}", chance.random() < 0.8, **sets, **of
            )
            response = editor.post("updates", **body, **({"state": "draft"} if what == "draft" else {}))
            updates += [body["slug"]] if response.status_code == 201 else []
        elif what == "move":
            step = chance.choice(steps[promise])
            response = editor.patch("milestones", step, commitment=chance.choice(promises))
        elif not updates:
            continue
        elif what == "publish":
            response = _try(editor, "PATCH", chance.choice(updates), state="published")
        elif what == "withdraw":
            response = _try(editor, "DELETE", chance.choice(updates))
        else:
            response = editor.post(
                "citations", subject={"type": "update", "slug": chance.choice(updates)}, source=SOURCE
            )
        done[response.status_code] += 1
    assert done[201] > 20
    assert done[204] > 3
    assert done[409] + done[422] > 0
    with _database(server.settings) as database:
        assert _rebuilt(database) == 0


def _try(editor: Editor, method: str, slug: str, **body: object) -> httpx.Response:
    path = f"/v1/updates/{slug}"
    current = editor.client.get(path)
    if current.status_code != 200:
        return current
    headers = {"If-Match": current.headers["etag"]}
    return editor.client.request(method, path, headers=headers, **({"json": body} if body else {}))


@pytest.fixture
def own(databases: Databases, backend: str) -> Settings:
    """The bundled register, for this test to damage."""
    return databases.bundled(backend)


def test_the_bundled_register_has_not_drifted(own: Settings) -> None:
    with _database(own) as database:
        assert _rebuilt(database) == 0


def test_the_generated_register_has_not_drifted(generated: Register) -> None:
    assert _rebuilt(generated.app.state.context.database) == 0


@pytest.mark.slow
def test_what_was_changed_by_other_means_is_mended_and_kept_in_history(own: Settings) -> None:
    with application(own) as register:
        path = "/v1/commitments?limit=200&sort=slug"
        before = register.get(path).json()["data"]
        steps = register.get("/v1/milestones?limit=200&sort=slug").json()["data"]
    with _database(own) as database:
        drifted = _drifted(
            database, "UPDATE commitment SET completion = 'complete', lifecycle = 'closed' WHERE completion = 'limited'"
        )
        drifted += _drifted(database, "UPDATE milestone SET met_on = '2001-01-01'")
        assert _rebuilt(database) == drifted > 10
        assert _rebuilt(database) == 0
    with application(own) as register:
        after = register.get(path).json()["data"]
        stored = ("slug", "completion", "lifecycle")
        assert [[each[name] for name in stored] for each in after] == [
            [each[name] for name in stored] for each in before
        ]
        mended = register.get("/v1/milestones?limit=200&sort=slug").json()["data"]
        assert [each["met_on"] for each in mended] == [each["met_on"] for each in steps]
        raised = [each["revision"] - old["revision"] for each, old in zip(after, before, strict=True)]
        assert set(raised) == {0, 1}, "each mended record has one more revision"


def _run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=settings.data_dir,
        env=environment_of(settings),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.mark.slow
def test_the_command_says_what_it_did(own: Settings) -> None:
    assert _run(own, "rebuild").stdout == "Nothing had drifted.\n"
    with _database(own) as database:
        assert (
            _drifted(
                database,
                "UPDATE commitment SET lifecycle = 'suspended' WHERE slug = :slug",
                slug="trade-target-50bn-2030",
            )
            == 1
        )
    assert _run(own, "rebuild").stdout == "One record had drifted from the updates and was mended.\n"
    again = _run(own, "rebuild")
    assert (again.returncode, again.stdout) == (0, "Nothing had drifted.\n")
    help_ = _run(own, "rebuild", "--help").stdout
    assert "completion" in help_
    assert "SQL" in help_
    assert ROOT.name not in help_


def test_a_withdrawn_promise_is_left_as_it_was(editor: Editor, server: Server) -> None:
    promise = editor.promise(slug=fresh("gone"))
    assert editor.change("DELETE", "commitments", promise).status_code == 204
    with _database(server.settings) as database:
        _drifted(database, "UPDATE commitment SET completion = 'complete' WHERE slug = :slug", slug=promise)
        assert _rebuilt(database) == 0
