"""The command line: it teaches, it says what is wrong, and what it starts can be ended."""

import contextlib
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson
import pytest
import sqlalchemy as sa
import yaml
from typer.testing import CliRunner

import app.cli
from app.operations.prepare import migrate
from app.settings import Settings
from tests.support.databases import Databases, opened
from tests.support.server import ROOT, environment_of, free_port, running

PATIENCE = 180
THEME = "format: followthrough-bundle/1\nthemes:\n  - slug: trade\n    state: published\n    name: Trade\n"


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    code: int
    out: str
    err: str


def spawned(settings: Settings, *arguments: str, **environment: str) -> Done:
    """Run a command as a person would, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=settings.data_dir,
        env={**environment_of(settings), **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def command(settings: Settings, *arguments: str, **environment: str) -> Done:
    """Run a command in this process, which takes a tenth of the time."""
    chosen = {**environment_of(settings), "TERM": "dumb", "COLUMNS": "200", "NO_COLOR": "1", **environment}
    with contextlib.chdir(settings.data_dir):
        result = CliRunner().invoke(app.cli.cli, list(arguments), env=chosen)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(autouse=True)
def no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command's log goes to its own standard error, which ends with it; this process goes on."""
    monkeypatch.setattr("logging.config.dictConfig", lambda settings: None)


def readable(done: Done, *reported: str) -> None:
    """A failure is told in one line that a person can act on."""
    assert done.code == 1, done
    assert "Traceback" not in done.err
    line = done.err.strip().splitlines()[-1]
    assert line.startswith("followthrough: "), done.err
    for each in reported:
        assert each in line, line


@pytest.fixture
def settings(backend: str, databases: Databases) -> Settings:
    """Settings of a database with nothing in it, into which nothing is loaded unasked."""
    return databases.empty(backend).model_copy(update={"bundled": False})


@pytest.fixture
def on_sqlite(databases: Databases) -> Settings:
    """The same, where the kind of database makes no difference."""
    return databases.empty("sqlite").model_copy(update={"bundled": False})


def counted(settings: Settings) -> tuple[int, int]:
    """The number of themes, and of changes."""
    with opened(settings) as database, database.reading() as connection:
        themes = connection.execute(sa.text("SELECT count(*) FROM theme")).scalar_one()
        return themes, connection.execute(sa.text("SELECT seq FROM change_counter")).scalar_one()


# -- help ------------------------------------------------------------------------------------------------------------

COMMANDS = (
    "serve",
    "migrate",
    "load",
    "export",
    "backup",
    "restore",
    "rebuild",
    "check",
    "check-links",
    "mirror",
    "openapi",
)


def helped(*arguments: str) -> str:
    """What a command says of itself, in plain words."""
    environment = {"TERM": "dumb", "COLUMNS": "200", "NO_COLOR": "1"}
    result = CliRunner().invoke(app.cli.cli, [*arguments, "--help"], env=environment)
    assert result.exit_code == 0
    return re.sub(r"[\s│╭╮╰╯─]+", " ", result.output)


def test_the_help_names_every_command_and_the_settings() -> None:
    reported = helped()
    for each in (*COMMANDS, "FOLLOWTHROUGH_DATA_DIR", "FOLLOWTHROUGH_DATABASE_URL", "FOLLOWTHROUGH_ADMIN_TOKEN"):
        assert each in reported
    assert {each.name or each.callback.__name__ for each in app.cli.cli.registered_commands if each.callback} == set(
        COMMANDS
    )
    assert [each.name for each in app.cli.cli.registered_groups] == ["keys"]


@pytest.mark.parametrize(
    ("name", "reported"),
    [
        (
            "serve",
            ["--host", "HOST", "127.0.0.1", "--port", "PORT", "8000", "--workers", "Later starts change nothing"],
        ),
        ("migrate", ["--revision", "schema", "serve"]),
        ("load", [".yaml, .jsonl or .zip", "all or nothing", "slug", "twice", "--dry-run", "mirror"]),
        ("export", ["--drafts", "--title", "standard output", "load"]),
        ("rebuild", ["updates", "drifted"]),
        ("check", ["damage", "history", "change nothing", "status 1"]),
        ("openapi", ["OpenAPI"]),
    ],
)
def test_each_command_says_what_it_does(name: str, reported: list[str]) -> None:
    for each in reported:
        assert each in helped(name)


def test_no_command_at_all_is_answered_with_the_help(on_sqlite: Settings) -> None:
    done = spawned(on_sqlite, NO_COLOR="1")
    assert done.code == 2
    for each in COMMANDS:
        assert each in done.out + done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("sevre",),
        ("serve", "--prot", "1"),
        ("serve", "--port", "abc"),
        ("serve", "--port", "70000"),
        ("serve", "--workers", "0"),
        ("load",),
    ],
)
def test_what_was_mistyped_is_named(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app.cli.cli, list(arguments), env={"NO_COLOR": "1", "COLUMNS": "200"})
    assert result.exit_code == 2
    assert "Usage" in result.output
    assert "Traceback" not in result.output


# -- serving ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_first_start_loads_the_bundled_register_and_a_second_changes_nothing(
    backend: str, databases: Databases
) -> None:
    settings = databases.empty(backend)
    with running(settings) as server, server.client() as client:
        assert client.get("/v1/partnerships/india-south-korea").status_code == 200
        assert re.search(r"Loaded in \d+\.\d s: \d+ created, 0 changed", server.log_file.read_text())
        following = client.get("/v1/challenges?limit=1").json()["next"]
    before = counted(settings)
    with running(settings) as server, server.client() as client:
        assert "Loading" not in server.log()
        assert client.get(following).status_code == 200, "a cursor outlives its server"
    assert counted(settings) == before


@contextlib.contextmanager
def serving(settings: Settings, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A server started with arguments and variables of the test's own choice."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", *arguments],
        cwd=settings.data_dir,
        env={**environment_of(settings), **environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(url: str, process: subprocess.Popen[str]) -> httpx.Response:
    """The first answer of a server."""
    pause = threading.Event()
    for _ in range(PATIENCE * 20):
        try:
            return httpx.get(url, trust_env=False, timeout=PATIENCE)
        except httpx.TransportError:
            assert process.poll() is None, process.communicate()
            pause.wait(0.05)
    raise AssertionError("the server does not answer")


def ended(process: subprocess.Popen[str], requested: signal.Signals) -> None:
    """A server that is asked to end ends, and says nothing that would worry anybody."""
    process.send_signal(requested)
    _, reported = process.communicate(timeout=PATIENCE)
    assert process.returncode in (0, -requested)
    assert "Traceback" not in reported


@pytest.mark.slow
def test_address_and_folder_are_taken_from_the_environment(on_sqlite: Settings, tmp_path: Path) -> None:
    port = free_port()
    folder = tmp_path / "made" / "by itself"
    chosen = {"HOST": "127.0.0.1", "PORT": str(port), "FOLLOWTHROUGH_DATA_DIR": str(folder)}
    with serving(on_sqlite, **chosen) as process:
        assert wait_for(f"http://127.0.0.1:{port}/readyz", process).status_code == 200
        assert [each.name for each in folder.glob("*.sqlite3")] == ["followthrough.sqlite3"]
        ended(process, signal.SIGTERM)
    assert not list(on_sqlite.data_dir.glob("*.sqlite3"))
    # Nothing is left to be done at the next start: the log of changes has been worked into the database.
    assert not list(folder.glob("*-wal"))


@pytest.mark.slow
def test_what_is_said_on_the_command_line_goes_before_the_environment(on_sqlite: Settings) -> None:
    port = free_port()
    with serving(on_sqlite, "--port", str(port), "--host", "localhost", HOST="203.0.113.1", PORT="1") as process:
        assert wait_for(f"http://localhost:{port}/healthz", process).status_code == 200
        ended(process, signal.SIGINT)


@pytest.mark.slow
def test_several_workers_serve_one_register(settings: Settings) -> None:
    port = free_port()
    with serving(settings, "--workers", "2", PORT=str(port)) as process:
        wait_for(f"http://127.0.0.1:{port}/readyz", process)
        headers = {"Authorization": f"Bearer {settings.admin_token.get_secret_value()}"}
        index = httpx.get(f"http://127.0.0.1:{port}/v1", trust_env=False).json()
        assert index["resources"]["partnerships"]["count"] == 0, "what is bundled was not wanted"
        # A connection stays with one worker, so each request has one of its own.
        url = f"http://127.0.0.1:{port}/v1/themes"
        for number in range(10):
            created = httpx.post(
                url, json={"name": f"Theme {number}", "state": "published"}, headers=headers, trust_env=False
            )
            assert created.status_code == 201
            page = httpx.get(f"{url}?limit=1&sort=name&slug={created.json()['slug']}", headers=headers, trust_env=False)
            assert page.json()["data"][0]["name"] == f"Theme {number}"
        following = httpx.get(f"{url}?limit=1", headers=headers, trust_env=False).json()["next"]
        for _ in range(6):
            assert httpx.get(f"http://127.0.0.1:{port}{following}", headers=headers, trust_env=False).status_code == 200
        ended(process, signal.SIGTERM)


# -- keys ------------------------------------------------------------------------------------------------------------


def test_a_key_is_made_listed_used_and_revoked(settings: Settings) -> None:
    assert "There are no keys" in command(settings, "keys", "list").err
    created = command(settings, "keys", "create", "--role", "editor", "--name", "Research desk", "--expires", "90d")
    token = created.out.strip()
    id_ = token.split("_")[1]
    assert re.fullmatch(r"ft_[a-z0-9]{12}_[0-9a-f]{64}", token)
    assert token not in created.err
    listed = command(settings, "keys", "list").out
    assert all(each in listed for each in (id_, "editor", "expires", "never used", "Research desk"))
    assert token.rpartition("_")[2] not in listed
    with running(settings) as server, server.client(Authorization=f"Bearer {token}") as client:
        assert client.post("/v1/themes", json={"name": "Trade"}).status_code == 201
        assert "revoked" in command(settings, "keys", "revoke", id_).err
        assert client.get("/v1/themes").status_code == 401
    listed = command(settings, "keys", "list").out
    assert "revoked" in listed
    assert "never used" not in listed, "what was used is noted when the server ends"


def test_a_key_that_cannot_be_is_refused(on_sqlite: Settings) -> None:
    assert command(on_sqlite, "keys", "create", "--role", "owner").code == 2
    for expires in ("soon", "0d", "2020-01-01", "1h"):
        assert command(on_sqlite, "keys", "create", "--role", "editor", "--expires", expires).code == 2
    readable(command(on_sqlite, "keys", "revoke", "nothing"), "nothing", "keys list")


# -- what goes wrong -------------------------------------------------------------------------------------------------


def test_a_port_that_is_taken_is_named_before_anything_is_done(on_sqlite: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        readable(spawned(on_sqlite, "serve", PORT=port), port, "PORT", "127.0.0.1")
    assert not on_sqlite.sqlite_file.exists()


def test_an_address_that_is_none_is_named(on_sqlite: Settings) -> None:
    for host in ("203.0.113.1", "no-such-host.invalid", "::zz"):
        readable(command(on_sqlite, "serve", HOST=host, PORT="0"), host)


def test_a_folder_that_cannot_be_used_is_named(on_sqlite: Settings, tmp_path: Path) -> None:
    file = tmp_path / "a-file"
    file.write_text("")
    for folder in (file, file / "below"):
        readable(command(on_sqlite, "migrate", FOLLOWTHROUGH_DATA_DIR=str(folder)), str(file))


def test_a_file_that_is_no_database_is_not_overwritten(on_sqlite: Settings) -> None:
    on_sqlite.sqlite_file.write_text("a letter to somebody " * 100)
    readable(command(on_sqlite, "migrate"), "not a database")
    assert on_sqlite.sqlite_file.read_text().startswith("a letter")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FOLLOWTHROUGH_THREADS", "many"),
        ("FOLLOWTHROUGH_THREADS", "-1"),
        ("FOLLOWTHROUGH_QUERY_SECONDS", "0"),
        ("FOLLOWTHROUGH_LOG_LEVEL", "loud"),
        ("FOLLOWTHROUGH_CACHE_BYTES", "1 MB"),
        ("FOLLOWTHROUGH_BUNDLED", "perhaps"),
        ("FOLLOWTHROUGH_TODAY", "tomorrow"),
        ("FOLLOWTHROUGH_DATABASE_URL", "mysql://example.org/x"),
        ("FOLLOWTHROUGH_DATABASE_URL", "x"),
        ("FOLLOWTHROUGH_ADMIN_TOKEN", "fifteen letters"),
        ("FOLLOWTHROUGH_SECRET", "a secret of 31 bytes, not of 32"),
    ],
)
def test_a_setting_that_is_wrong_is_named(on_sqlite: Settings, name: str, value: str) -> None:
    readable(command(on_sqlite, "migrate", **{name: value}), name)


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/nothing", "postgresql://nobody@/x?host=/nowhere"])
def test_a_database_that_does_not_answer_is_told(on_sqlite: Settings, url: str) -> None:
    done = command(on_sqlite, "migrate", FOLLOWTHROUGH_DATABASE_URL=url)
    readable(done, "database cannot be used")
    assert "secret" not in done.err


def test_a_password_is_not_shown(on_sqlite: Settings) -> None:
    done = command(on_sqlite, "migrate", FOLLOWTHROUGH_DATABASE_URL="postgresql://nobody:opensesame@127.0.0.1:1/x")
    assert done.code == 1
    assert "opensesame" not in done.err + done.out


@pytest.mark.parametrize("arguments", [("serve",), ("migrate",), ("export",), ("rebuild",), ("load", "bundle.yaml")])
def test_a_newer_schema_is_left_alone(settings: Settings, arguments: tuple[str, ...]) -> None:
    with opened(settings) as database:
        migrate(database)
        with database.writing() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    (settings.data_dir / "bundle.yaml").write_text(THEME)
    readable(command(settings, *arguments, PORT=str(free_port())), "9999", "does not know")


def test_a_schema_that_does_not_exist_is_named(on_sqlite: Settings) -> None:
    readable(command(on_sqlite, "migrate", "--revision", "12345"), "12345")


# -- migrate, load, export -------------------------------------------------------------------------------------------


def test_migrate_says_what_it_did(settings: Settings) -> None:
    assert "up to date" in command(settings, "migrate").err
    assert "nothing to do" in command(settings, "migrate").err
    assert "at 0001" in command(settings, "migrate", "--revision", "0001").err
    assert "nothing to do" in command(settings, "migrate").err


def test_what_is_loaded_can_be_exported_and_loaded_again(settings: Settings) -> None:
    bundle = settings.data_dir / "bundle.yaml"
    bundle.write_text(THEME)
    assert "1 created, 0 changed, 0 as before" in command(settings, "load", "bundle.yaml").err
    assert "0 created, 0 changed, 1 as before" in command(settings, "load", "bundle.yaml").err
    shown = command(settings, "export", "--plain", "--title", 'Ours: "themes"')
    assert shown.code == 0
    assert yaml.safe_load(shown.out)["themes"] == [{"slug": "trade", "state": "published", "name": "Trade"}]
    assert yaml.safe_load(shown.out)["title"] == 'Ours: "themes"'
    written = command(settings, "export", "out.yaml", "--plain", "--title", 'Ours: "themes"')
    assert "out.yaml" in written.err
    assert (settings.data_dir / "out.yaml").read_text(encoding="utf-8") == shown.out
    assert "1 as before" in command(settings, "load", "out.yaml").err
    for name in ("out.jsonl", "out.zip"):
        command(settings, "export", name)
        assert "1 as before" in command(settings, "load", name, "--mode", "mirror").err
    assert "Would be loaded: 0 created" in command(settings, "load", "out.zip", "--dry-run").err
    assert not list(settings.data_dir.glob(".*part"))


def test_an_export_with_drafts_is_for_its_owner_alone(on_sqlite: Settings) -> None:
    file = on_sqlite.data_dir / "out.yaml"
    left = file.with_name(".out.yaml.part")
    left.write_text("of an export that was killed")
    left.chmod(0o644)
    assert command(on_sqlite, "export", "out.yaml", "--drafts").code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    umask = os.umask(0o022)
    try:
        assert command(on_sqlite, "export", "out.yaml").code == 0
    finally:
        os.umask(umask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644, "what is public, as the caller has files"


def test_a_plain_export_is_no_zip_whose_tables_have_what_it_leaves_out(on_sqlite: Settings) -> None:
    readable(command(on_sqlite, "export", "out.zip", "--plain"), "--plain is for .yaml and .jsonl")
    assert not (on_sqlite.data_dir / "out.zip").exists()


def test_an_export_that_cannot_be_written_leaves_what_was_there(on_sqlite: Settings) -> None:
    readable(command(on_sqlite, "export", "no/such/folder/out.yaml"), "no/such/folder")
    (on_sqlite.data_dir / "folder.yaml").mkdir()
    readable(command(on_sqlite, "export", "folder.yaml"), "folder.yaml")


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("not: [closed", ["bundle.yaml", "It is not YAML"]),
        ("a: b\n", ["not a bundle", "format: followthrough-bundle/1"]),
        (THEME + "thmes: []\n", ["thmes", "themes"]),
        (THEME + "  - slug: bad\n    name: 7\n", ["themes: bad: /name"]),
        (THEME + "  - name: Nameless\n", ["themes", "slug"]),
        (THEME + "  - slug: bad\n    name: B\n    name: C\n", ["line 8", "twice"]),
        (THEME + "challenges:\n  - slug: c\n    title: C\n    partnership: none\n", ["challenges: c: /partnership"]),
        (THEME + "updates: 7\n", ["updates", "list"]),
    ],
)
def test_a_bundle_that_is_wrong_is_refused_as_a_whole(on_sqlite: Settings, text: str, reported: list[str]) -> None:
    """It says which record, and where in it; nothing of the bundle is stored."""
    (on_sqlite.data_dir / "bundle.yaml").write_text(text)
    done = command(on_sqlite, "load", "bundle.yaml")
    assert done.code == 1
    last = done.err.strip().partition("followthrough: nothing was loaded: ")[2]
    for each in reported:
        assert each in last, done.err
    assert counted(on_sqlite) == (0, 0)


def test_a_bundle_that_is_not_there_is_named(on_sqlite: Settings) -> None:
    readable(command(on_sqlite, "load", "none.yaml"), "none.yaml")
    readable(command(on_sqlite, "load", "."), "directory")


def test_rebuild_finds_nothing_to_mend_in_a_register_that_was_never_touched_by_hand(on_sqlite: Settings) -> None:
    done = command(on_sqlite, "rebuild")
    assert (done.code, done.out) == (0, "Nothing had drifted.\n")


# -- openapi ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_openapi_prints_the_document_that_is_committed(on_sqlite: Settings) -> None:
    """Whatever the settings of the place are; and it touches no database."""
    shutil.rmtree(on_sqlite.data_dir)
    on_sqlite.data_dir.mkdir()
    done = spawned(on_sqlite, "openapi", FOLLOWTHROUGH_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert done.code == 0, done.err
    assert orjson.loads(done.out) == orjson.loads((ROOT / "openapi.json").read_bytes())
    assert list(on_sqlite.data_dir.iterdir()) == []


@pytest.mark.parametrize("day", ["0", "0000", "20261130", "1764460800", "2026-02-30", "2026-11-30T00:00:00Z", ""])
def test_what_is_no_day_is_not_taken_for_one_of_1970(on_sqlite: Settings, day: str) -> None:
    readable(command(on_sqlite, "migrate", FOLLOWTHROUGH_TODAY=day), "FOLLOWTHROUGH_TODAY")


def test_a_setting_that_does_not_exist_is_named_with_the_nearest(on_sqlite: Settings) -> None:
    done = command(on_sqlite, "migrate", FOLLOWTHROUGH_RATE_LIMTI="10/minute", FOLLOWTHROUGH_RATE_LIMIT="10/minute")
    assert done.code == 0
    assert "FOLLOWTHROUGH_RATE_LIMTI is no setting. Did you mean FOLLOWTHROUGH_RATE_LIMIT?" in done.err
    assert "FOLLOWTHROUGH_RATE_LIMIT is no setting" not in done.err


# -- the file .env ---------------------------------------------------------------------------------------------------


def test_a_setting_of_the_file_that_does_not_exist_is_named_too(on_sqlite: Settings) -> None:
    (on_sqlite.data_dir / ".env").write_text("FOLLOWTHROUGH_RATE_LIMTI=10/minute\nRATE_LIMTI=of another program\n")
    done = command(on_sqlite, "migrate")
    assert done.code == 0
    assert "FOLLOWTHROUGH_RATE_LIMTI is no setting. Did you mean FOLLOWTHROUGH_RATE_LIMIT?" in done.err
    assert done.err.count("RATE_LIMTI is no setting") == 1


def test_a_file_that_cannot_be_read_is_named(on_sqlite: Settings) -> None:
    file = on_sqlite.data_dir / ".env"
    file.write_bytes(b"FOLLOWTHROUGH_ADMIN_TOKEN=\xff\n")
    readable(command(on_sqlite, "migrate"), ".env", "UTF-8")
    file.unlink()
    # A file of which root cannot read a byte, either.
    file.symlink_to("/proc/self/mem")
    if file.is_file():
        readable(command(on_sqlite, "migrate"), ".env", "cannot be read")


def test_what_the_file_says_of_the_log_holds_for_what_is_wrong_with_a_setting(on_sqlite: Settings) -> None:
    (on_sqlite.data_dir / ".env").write_text("FOLLOWTHROUGH_LOG_FORMAT=json\n")
    unset = on_sqlite.model_copy(update={"log_format": None})
    done = spawned(unset, "migrate", FOLLOWTHROUGH_THREADS="many")
    assert done.code == 1
    assert "THREADS" in orjson.loads(done.err)["message"]
