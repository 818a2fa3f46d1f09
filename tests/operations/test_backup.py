"""Backups: taken and put back while a server answers, and nothing changed where something is wrong with one."""

import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from app.core.storage.sqlite import JOURNAL, sqlite
from app.operations import staging
from app.operations.backup import backup
from app.operations.check import check
from app.operations.prepare import migrate, secret_of, store_setting
from app.operations.restore import restore
from app.operations.sqlite_copy import BackupError
from app.operations.staging import remove_leftovers
from app.resources import CATALOGUE
from app.settings import Settings
from tests.support import system_sqlite
from tests.support.databases import Databases, opened, require
from tests.support.disks import small_disk
from tests.support.server import Server, environment_of, running

WRITERS = 4
ENOUGH = 40
"""Writes that have to be acknowledged before a test goes on."""
WITHIN = 90


def run(settings: Settings, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command of the program, with nobody at the terminal."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *map(str, arguments)],
        cwd=settings.data_dir,
        env=environment_of(settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def ran(settings: Settings, *arguments: object) -> str:
    done = run(settings, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture
def settings(databases: Databases) -> Settings:
    """A register with tables and nothing in them, whose secret is its own."""
    settings = databases.empty("sqlite").model_copy(update={"bundled": False, "secret": SecretStr("")})
    with opened(settings) as database:
        migrate(database)
    return settings


def call(file: Path, query: str) -> list[Any]:
    with closing(sqlite.connect(str(file))) as connection:
        return [row[0] for row in connection.execute(query).fetchall()]


def slugs(file: Path) -> set[str]:
    """The themes in a file, each with its revision."""
    return set(call(file, "SELECT slug FROM theme JOIN revision ON record_id = id"))


def add(client: httpx.Client, slug: str) -> httpx.Response:
    return client.post("/v1/themes", json={"slug": slug, "name": slug, "state": "published"})


@contextmanager
def written_to(server: Server) -> Iterator[tuple[list[str], Callable[[], None]]]:
    """Writers at full speed: what was acknowledged so far, and a way to wait for some more."""
    acknowledged: list[str] = []
    more = threading.Condition()
    ended = threading.Event()

    def write(writer: int) -> None:
        with server.client(**server.authorization) as client:
            number = 0
            while not ended.is_set():
                slug = f"theme-{writer}-{number}"
                assert add(client, slug).status_code == 201
                with more:
                    acknowledged.append(slug)
                    more.notify_all()
                number += 1

    def wait() -> None:
        with more:
            goal = len(acknowledged) + ENOUGH
            assert more.wait_for(lambda: len(acknowledged) >= goal, WITHIN)

    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, writer) for writer in range(WRITERS)]
        try:
            yield acknowledged, wait
        finally:
            ended.set()
        for each in writers:
            each.result()


# -- taking one ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_backup_holds_what_was_acknowledged_before_it_began(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite3"
    with running(settings) as server, written_to(server) as (acknowledged, wait):
        wait()
        before = set(acknowledged)
        ran(settings, "backup", file)
        wait()
    assert call(file, "PRAGMA integrity_check") == ["ok"]
    assert before <= slugs(file)
    assert call(file, "SELECT count(*) FROM theme") == call(file, "SELECT seq FROM change_counter"), "no change in part"
    assert [each.name for each in tmp_path.iterdir()] == [file.name]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.slow
def test_a_file_is_replaced_only_when_that_is_said(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite3"
    file.write_text("precious")
    refused = run(settings, "backup", file)
    assert (refused.returncode, file.read_text()) == (1, "precious")
    assert "--force" in refused.stderr
    ran(settings, "backup", file, "--force")
    assert call(file, "PRAGMA integrity_check") == ["ok"]
    assert len(list(tmp_path.iterdir())) == 1


def test_the_register_is_no_place_for_its_backup(settings: Settings) -> None:
    with pytest.raises(BackupError, match="the register itself"):
        backup(settings, settings.sqlite_file, force=True)


@pytest.mark.parametrize("log", ["wal", "shm", "journal"])
def test_nor_is_its_log(settings: Settings, log: str) -> None:
    with opened(settings) as database, database.writing() as connection:
        connection.exec_driver_sql("UPDATE change_counter SET seq = 5")
        with pytest.raises(BackupError, match="a part of the register"):
            backup(settings, Path(f"{settings.sqlite_file}-{log}"), force=True)
    assert call(settings.sqlite_file, "SELECT seq FROM change_counter") == [5]


@pytest.mark.skipif(os.name != "posix", reason="files are locked otherwise there")
def test_what_a_killed_backup_has_left_is_removed_by_the_next_one(settings: Settings, tmp_path: Path) -> None:
    def left(name: str) -> Path:
        part = tmp_path / f".{name}.0123abcd.part"
        part.write_text("digests of keys")
        return part

    journal = tmp_path / ".backup.sqlite3.0123abcd.part-journal"
    journal.touch()
    killed, other, own = left("backup.sqlite3"), left("another.sqlite3"), tmp_path / ".backup.sqlite3.part"
    own.touch()
    # What a backup that still goes on is writing to stays.
    going_on = tmp_path / ".backup.sqlite3.89abcdef.part"
    with going_on.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        backup(settings, tmp_path / "backup.sqlite3")
        assert going_on.exists()
    assert not killed.exists()
    assert not journal.exists()
    assert other.exists()
    assert own.exists()


def test_where_nothing_can_be_written_nothing_is_left(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be written"):
        backup(settings, tmp_path / "missing" / "backup.sqlite3")


def test_without_a_register_there_is_no_backup(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path)
    with pytest.raises(BackupError, match="there is no register"):
        backup(settings, tmp_path / "backup.sqlite3")
    assert list(tmp_path.iterdir()) == []


# -- putting one back ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_server_goes_on_with_what_was_restored(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite3"
    with running(settings) as server, server.client(**server.authorization) as editor, server.client() as anybody:
        for slug in ("one", "two", "three"):
            add(editor, slug)
        first = anybody.get("/v1/themes?limit=1")
        as_it_was = anybody.get("/v1/themes?limit=200")
        backup(settings, file)
        add(editor, "four")
        assert len(anybody.get("/v1/themes?limit=200").json()["data"]) == 4
        reported = ran(settings, "restore", file, "--yes")
        restored = anybody.get("/v1/themes?limit=200")
        assert restored.content == as_it_was.content
        assert anybody.get("/v1/themes/four").status_code == 404
        assert anybody.get(first.json()["next"]).status_code == 200, "a cursor holds"
        assert add(editor, "five").status_code == 201
        assert anybody.get("/v1/themes?q=five&count=true").json()["total"] == 1, "what is found is kept up"
    stored = next(settings.data_dir.glob("followthrough-before-restore-*.sqlite3"))
    assert str(stored) in reported
    assert slugs(stored) == {"one", "two", "three", "four"}
    assert call(settings.sqlite_file, "SELECT max(seq) FROM revision") == [5], "the fourth number is not given twice"
    assert call(settings.sqlite_file, "PRAGMA integrity_check") == ["ok"]
    assert call(settings.sqlite_file, "PRAGMA journal_mode") == [JOURNAL.lower()]
    assert not list(settings.data_dir.glob(".restore-*"))


@pytest.mark.slow
def test_a_key_that_was_revoked_since_is_not_good_again(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite3"
    with running(settings) as server, server.client(**server.authorization) as admin:
        revoked, later = (admin.post("/v1/keys", json={"name": "A desk", "role": "editor"}).json() for _ in range(2))
        backup(settings, file)
        admin.delete(f"/v1/keys/{revoked['id']}")
        created = admin.post("/v1/keys", json={"name": "A new desk", "role": "editor"}).json()
        ran(settings, "restore", file, "--yes")
        for key, status in ((revoked, 401), (later, 200), (created, 200)):
            response = admin.get("/v1/themes", headers={"Authorization": f"Bearer {key['token']}"})
            assert response.status_code == status


@pytest.mark.slow
def test_no_write_is_lost_between_what_is_kept_and_what_is_restored(settings: Settings, tmp_path: Path) -> None:
    """What was acknowledged is in the file that is kept, or came after and is in the register."""
    file = tmp_path / "backup.sqlite3"
    backup(settings, file)
    with running(settings) as server, written_to(server) as (acknowledged, wait):
        wait()
        restore(settings, file)
        wait()
    stored, now = (
        slugs(each) for each in (next(settings.data_dir.glob("*-before-restore-*.sqlite3")), settings.sqlite_file)
    )
    assert stored
    assert now
    assert not stored & now
    assert stored | now == set(acknowledged)
    numbers = call(settings.sqlite_file, "SELECT seq FROM revision ORDER BY seq")
    assert numbers[0] == len(stored) + 1
    assert numbers == list(range(numbers[0], numbers[0] + len(now)))


@pytest.mark.slow
def test_cursors_hold_even_where_the_backup_is_of_another_register(
    settings: Settings, databases: Databases, tmp_path: Path
) -> None:
    file = tmp_path / "backup.sqlite3"
    other = databases.empty("sqlite").model_copy(update={"bundled": False, "secret": SecretStr("")})
    with running(other) as server, server.client(**server.authorization) as editor:
        for slug in ("red", "green"):
            add(editor, slug)
        backup(other, file)
    with running(settings) as server, server.client(**server.authorization) as editor:
        add(editor, "one")
        add(editor, "two")
        following = editor.get("/v1/themes?limit=1").json()["next"]
        restore(settings, file)
        assert editor.get(following).status_code == 200
    with running(settings) as server, server.client(**server.authorization) as editor, server.client() as anybody:
        assert editor.get(following).status_code == 200
        assert {each["slug"] for each in anybody.get("/v1/themes").json()["data"]} == {"red", "green"}


@pytest.mark.slow
def test_a_backup_with_other_pages_is_taken(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite3"
    backup(settings, file)
    with closing(sqlite.connect(str(file), isolation_level=None)) as connection:
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("VACUUM")
    with running(settings) as server, server.client() as anybody:
        restore(settings, file)
        assert anybody.get("/readyz").status_code == 200


def test_a_register_without_wal_is_replaced_as_well(settings: Settings, tmp_path: Path) -> None:
    """Nobody can read it then by the usual way, not even who replaces it."""
    system_sqlite.require_the_fault()
    file = tmp_path / "backup.sqlite3"
    backup(settings, file)
    with running(settings) as server, server.client(**server.authorization) as editor:
        add(editor, "one")
    done = subprocess.run(
        [sys.executable, "-c", system_sqlite.PROGRAM, "restore", str(file), "--yes"],
        env=environment_of(settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (kept,) = settings.data_dir.glob("followthrough-before-restore-*.sqlite3")
    assert (slugs(kept), slugs(settings.sqlite_file)) == ({"one"}, set())
    for each in (kept, settings.sqlite_file):
        assert call(each, "PRAGMA integrity_check") == ["ok"]
    assert call(settings.sqlite_file, "SELECT seq FROM change_counter") == [1]


def test_a_register_can_begin_with_a_backup(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite3"
    backup(settings, file)
    fresh = settings.model_copy(update={"data_dir": tmp_path / "fresh"})
    fresh.data_dir.mkdir()
    restore(fresh, file)
    assert call(fresh.sqlite_file, "PRAGMA integrity_check") == ["ok"]
    assert not list(fresh.data_dir.glob("*before*")), "there was nothing to keep"


def _damaged(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 40] = b"\x55" * (4096 * 37)
    file.write_bytes(content)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: 4096 * 20])


def _no_database(file: Path) -> None:
    file.write_text("This is no database.")


def _foreign(file: Path) -> None:
    file.unlink()
    with closing(sqlite.connect(str(file))) as connection:
        connection.execute("CREATE TABLE invoice (id INTEGER)")
        connection.commit()


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _changed(*statements: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        with closing(sqlite.connect(str(file), isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)

    return change


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_damaged, "damaged"),
        (_cut, "damaged"),
        (_no_database, "not an SQLite database"),
        (Path.unlink, "cannot be read"),
        (_foreign, "not a register of Followthrough"),
        (_changed("UPDATE alembic_version SET version_num = '9999'"), "does not know"),
        (_changed("UPDATE alembic_version SET version_num = 'ae10'"), "does not know"),
        (_changed("DELETE FROM alembic_version"), "does not know"),
        (_changed("DROP TABLE milestone"), "lacks the"),
        (_changed("ALTER TABLE theme DROP COLUMN description"), "lacks the column theme description"),
        (
            _changed("CREATE TRIGGER leak AFTER INSERT ON theme BEGIN DELETE FROM revision; END"),
            "has the trigger leak",
        ),
        (_changed("DELETE FROM change_counter"), "changes are not counted"),
        (
            _changed("INSERT INTO refresh (seq, resource, record_id, at) VALUES (99, 'themes', '0', '0')"),
            "below change 99",
        ),
        (_changed("INSERT OR REPLACE INTO setting (name, value) VALUES ('secret', '')"), "secret is empty"),
        (_changed("INSERT OR REPLACE INTO setting (name, value) VALUES ('register', '')"), "register is empty"),
        (_changed("UPDATE setting SET value = 'me' WHERE name = 'register'"), "no UUID"),
        (_changed("UPDATE change_counter SET seq = 'many'"), "counter of changes stands at 'many'"),
        (_changed("UPDATE change_counter SET seq = 1.5"), "counter of changes stands at 1.5"),
        (_changed(f"UPDATE change_counter SET seq = {2**63 - 1}"), "counter of changes stands at 9223372036854775807"),
        (_changed("CREATE UNIQUE INDEX theirs ON theme (state)"), "computed index theirs, which is none of ours"),
        (_changed("CREATE INDEX theirs ON theme (length(hex(name)))"), "computed index theirs"),
        (
            _changed(
                "DROP TRIGGER search_document_added",
                "CREATE TRIGGER search_document_added AFTER INSERT ON search_document BEGIN DELETE FROM theme; END",
            ),
            "lacks the trigger search_document_added",
        ),
        (_changed("DROP TABLE lease", "CREATE TABLE lease (name, holder, until)"), "lacks the column lease"),
        (_pipe, "not a file"),
        (
            _changed("PRAGMA foreign_keys = OFF", f"UPDATE theme SET parent_id = '{1:032x}'"),
            "refers to one",
        ),
    ],
)
def test_what_is_no_sound_backup_is_refused_and_nothing_changes(
    spoilt: tuple[Settings, Path], spoil: Callable[[Path], None], reason: str, tmp_path: Path
) -> None:
    settings, sound = spoilt
    file = Path(shutil.copy(sound, tmp_path / "backup.sqlite3"))
    spoil(file)
    before = state_of(settings)
    with pytest.raises(BackupError, match=reason):
        restore(settings, file)
    assert state_of(settings) == before


@pytest.mark.parametrize(
    "spoil",
    [
        "INSERT OR REPLACE INTO setting (name, value) VALUES ('secret', '')",
        "UPDATE change_counter SET seq = 'many'",
        f"UPDATE change_counter SET seq = {2**63 - 1}",
        "DELETE FROM change_counter",
        "DROP TABLE change_counter",
    ],
)
def test_damage_of_the_present_register_does_not_go_over_into_what_is_restored(
    spoilt: tuple[Settings, Path], tmp_path: Path, spoil: str
) -> None:
    """It is what a backup is put back for."""
    whole, sound = spoilt
    settings = whole.model_copy(update={"data_dir": tmp_path / "data"})
    settings.data_dir.mkdir()
    shutil.copy(whole.sqlite_file, settings.sqlite_file)
    _changed(spoil)(settings.sqlite_file)
    damaged = restore(settings, sound)
    assert damaged is not None, "it is kept all the same"
    assert slugs(damaged) == {"one"}
    assert call(settings.sqlite_file, "SELECT value FROM setting WHERE name = 'secret'") == call(
        sound, "SELECT value FROM setting WHERE name = 'secret'"
    )
    assert call(settings.sqlite_file, "SELECT seq FROM change_counter") == [1]
    with opened(settings) as database:
        assert list(check(database, CATALOGUE)) == []
        assert secret_of(database)


def test_what_is_larger_than_the_disk_fills_it_not(
    spoilt: tuple[Settings, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, sound = spoilt
    before = state_of(settings)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=sound.stat().st_size))
    monkeypatch.setattr(staging, "copy", None)
    with pytest.raises(BackupError, match="which has less room"):
        restore(settings, sound)
    assert state_of(settings) == before


@pytest.mark.slow
@pytest.mark.parametrize("tenths", range(4, 32, 4))
def test_a_full_disk_is_no_damage_of_the_backup(spoilt: tuple[Settings, Path], tmp_path: Path, tenths: int) -> None:
    """Wherever it gets full: nothing is changed, nothing is left, and it is named."""
    present, sound = spoilt
    size = sound.stat().st_size // 1024
    with small_disk(tmp_path / "small", size + size * tenths // 10) as small:
        settings = present.model_copy(update={"data_dir": small / "data"})
        settings.data_dir.mkdir()
        shutil.copy(sound, settings.sqlite_file)
        before = state_of(settings)
        usage = shutil.disk_usage(small)
        with pytest.MonkeyPatch.context() as patch:
            # As if somebody else took the room meanwhile.
            patch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=2**40))
            with pytest.raises(BackupError) as refused:
                restore(settings, sound)
        said = str(refused.value)
        assert "damaged" not in said
        assert "moved away" not in said
        assert str(small) in said
        assert state_of(settings) == before
        assert call(settings.sqlite_file, "PRAGMA integrity_check") == ["ok"]


@pytest.fixture(scope="module")
def spoilt(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Path]:
    """A register with a record, and a sound backup of it to spoil a copy of."""
    settings = databases.empty("sqlite").model_copy(update={"bundled": False})
    with running(settings) as server, server.client(**server.authorization) as editor:
        add(editor, "one")
    file = tmp_path_factory.mktemp("sound") / "backup.sqlite3"
    backup(settings, file)
    return settings, file


def state_of(settings: Settings) -> tuple[str, list[str]]:
    names = sorted(each.name for each in settings.data_dir.iterdir() if not each.name.endswith(("-wal", "-shm")))
    return sha256(settings.sqlite_file.read_bytes()).hexdigest(), names


@pytest.mark.slow
def test_nobody_is_taken_to_have_agreed(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite3"
    backup(settings, file)
    before = state_of(settings)
    done = run(settings, "restore", file)
    assert (done.returncode, state_of(settings)) == (1, before)
    assert "--yes" in done.stderr


def test_a_register_newer_than_the_program_is_left_alone(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite3"
    backup(settings, file)
    _changed("UPDATE alembic_version SET version_num = '9999'")(settings.sqlite_file)
    with pytest.raises(BackupError, match="does not know"):
        restore(settings, file)
    assert call(settings.sqlite_file, "SELECT version_num FROM alembic_version") == ["9999"]


# -- PostgreSQL ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("command", "program"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_on_postgresql_the_command_to_use_is_told(tmp_path: Path, command: str, program: str) -> None:
    url = "postgresql://someone:canary-password@127.0.0.1:1/register"
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=url)
    done = run(settings, command, tmp_path / "a file")
    assert done.returncode == 1
    assert f"{program} " in done.stderr
    assert "'" in done.stderr, "the name is quoted for the shell"
    assert "canary-password" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.postgresql
def test_the_commands_that_are_told_do_what_they_are_told_for(databases: Databases, tmp_path: Path) -> None:
    require(shutil.which("pg_dump") is not None, "pg_dump is not installed")
    settings = databases.excerpt("postgresql")
    program = f'followthrough() {{ {sys.executable} -m app.cli "$@"; }}\n'

    def reported(command: str) -> None:
        said = run(settings, command, tmp_path / "backup.dump").stderr
        line = said.splitlines()[-1].strip()
        done = subprocess.run(
            ["bash", "-c", program + line], env=environment_of(settings), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    with running(settings) as server, server.client() as anybody:
        before = anybody.get("/v1/themes?limit=200&count=true").content
    reported("backup")
    with opened(settings) as database, database.writing() as connection:
        connection.exec_driver_sql("UPDATE theme SET name = 'spoilt'")
    reported("restore")
    with running(settings) as server, server.client() as anybody:
        assert anybody.get("/v1/themes?limit=200&count=true").content == before
        assert anybody.get("/v1/search?q=trade").json()["data"]


def test_what_a_killed_restore_has_left_is_removed(settings: Settings, tmp_path: Path) -> None:
    left = settings.data_dir / ".restore-killed"
    left.mkdir()
    (left / "followthrough.sqlite3").write_text("digests of keys")
    part = settings.data_dir / ".followthrough-before-restore-x.sqlite3.1.part"
    part.write_text("digests of keys")
    backup(settings, tmp_path / "backup.sqlite3")
    restore(settings, tmp_path / "backup.sqlite3")
    assert not left.exists()
    assert not part.exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from app.operations import restore
from app.settings import Settings

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

{where}
restore.restore(Settings(), Path(sys.argv[1]), report)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
@pytest.mark.parametrize(
    ("where", "replaced"),
    [
        pytest.param("report = die", False, marks=pytest.mark.slow),
        pytest.param("report = lambda done, of: None if done < of // 2 else die()", False, marks=pytest.mark.slow),
        ("restore.note_kept, report = die, lambda done, of: None", False),
        pytest.param("restore.copy_to_file, report = die, lambda done, of: None", False, marks=pytest.mark.slow),
        pytest.param("restore.stage, report = die, lambda done, of: None", False, marks=pytest.mark.slow),
        ("put = restore._copy_in; restore._copy_in = lambda *a: die(put(*a)); report = lambda done, of: None", True),
    ],
    ids=["first page", "half way", "kept", "before it is kept", "staged", "committed"],
)
def test_a_restore_that_is_killed_leaves_nothing_behind_but_what_it_replaced(
    settings: Settings, tmp_path: Path, where: str, *, replaced: bool
) -> None:
    with opened(settings) as database:
        store_setting(database, "which", "the backup")
    backup(settings, tmp_path / "backup.sqlite3")
    with opened(settings) as database, database.writing() as connection:
        connection.exec_driver_sql("UPDATE setting SET value = 'the present' WHERE name = 'which'")
        connection.exec_driver_sql("UPDATE change_counter SET seq = 5")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED.format(where=where), tmp_path / "backup.sqlite3"],
        env=environment_of(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert list(settings.data_dir.glob(".restore-*"))
    remove_leftovers(settings.data_dir)
    (which,) = call(settings.sqlite_file, "SELECT value FROM setting WHERE name = 'which'")
    assert which == ("the backup" if replaced else "the present")
    assert call(settings.sqlite_file, "PRAGMA integrity_check") == ["ok"]
    logs = {f"{settings.sqlite_file.name}-{log}" for log in ("wal", "shm", "journal")}
    names = {path.name for path in settings.data_dir.iterdir()} - logs
    kept = {name for name in names if name.startswith("followthrough-before-restore-")}
    assert len(kept) == int(replaced)
    assert names - kept == {settings.sqlite_file.name}
    for copy in kept:
        assert call(settings.data_dir / copy, "SELECT value FROM setting WHERE name = 'which'") == ["the present"]


@pytest.mark.skipif(os.name != "posix", reason="files have no modes there")
def test_nobody_but_its_owner_reads_a_register(databases: Databases, tmp_path: Path) -> None:
    settings = databases.empty("sqlite").model_copy(update={"data_dir": tmp_path / "new" / "data"})
    with opened(settings) as database:
        migrate(database)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in settings.data_dir.iterdir()}
    assert set(modes.values()) == {0o600}, modes
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700
