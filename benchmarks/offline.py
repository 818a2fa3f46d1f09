"""What is measured without load: loading a bundle, taking all records away, and starting."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx

from app.collector import collect_less
from app.core.storage.sqlite import sqlite
from app.operations.prepare import BUNDLED, migrate
from app.settings import Settings
from benchmarks.load import cpu_seconds
from benchmarks.registers import settings_of
from benchmarks.servers import PEERS, ours
from tests.support.bundles import load, records_of
from tests.support.databases import opened

Pair = tuple[float, float]
"""Seconds of processor time: ours, and the other's."""


def loading(folder: Path) -> Pair:
    """The bundled registers into an empty database, and the same rows by plain SQL in one transaction."""
    first, second = settings_of(folder / "loaded"), settings_of(folder / "copied")
    records = records_of(BUNDLED)
    collect_less()  # as the command does
    with opened(first) as database:
        migrate(database)
        begun = time.process_time()
        load(database, records)
        own = time.process_time() - begun
    with opened(second) as database:
        migrate(database)
    rows = list(_rows(first))
    with closing(sqlite.connect(str(second.sqlite_file), isolation_level=None)) as connection:
        begun = time.process_time()
        connection.execute("BEGIN IMMEDIATE")
        for statement, values in rows:
            connection.executemany(statement, values)
        connection.execute("COMMIT")
        return own, time.process_time() - begun


def _rows(settings: Settings) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    """Every row of a register as it is stored, with the statement that inserts it."""
    with closing(sqlite.connect(str(settings.sqlite_file))) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_index%' "
            "AND name NOT LIKE 'sqlite_%' AND name NOT IN ('alembic_version', 'change_counter', 'setting')"
        ).fetchall()
        for (table,) in tables:
            rows = connection.execute(f"SELECT * FROM {table}").fetchall()
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                yield f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows


def exporting(settings: Settings) -> Pair:
    """All citations as JSON Lines, and the same rows (those that are published) by sqlite3 and json."""
    with ours(settings) as server:
        url = f"{server.url}/v1/citations.jsonl"
        httpx.get(f"{url}?limit=1", trust_env=False).raise_for_status()
        before = cpu_seconds(server.process)
        with httpx.stream("GET", url, trust_env=False, timeout=600, headers={"Accept-Encoding": "identity"}) as answer:
            answer.raise_for_status()
            for _ in answer.iter_raw():
                pass
        own = cpu_seconds(server.process) - before
    begun = time.process_time()
    with closing(sqlite3.connect(settings.sqlite_file)) as connection, Path(os.devnull).open("w") as out:
        cursor = connection.execute("SELECT * FROM citation WHERE state = 'published'")
        names = [column[0] for column in cursor.description]
        for row in cursor:
            out.write(json.dumps(dict(zip(names, row, strict=True))) + "\n")
    return own, time.process_time() - begun


def starting(settings: Settings) -> Pair:
    """From the command to the first answer, and the imports of fastapi and sqlmodel; by the clock."""
    begun = time.perf_counter()
    with ours(settings) as server:
        httpx.get(f"{server.url}/v1/partnerships?limit=1", trust_env=False, timeout=60).raise_for_status()
        own = time.perf_counter() - begun
    begun = time.perf_counter()
    subprocess.run([str(PEERS / "python"), "-c", "import fastapi, sqlmodel"], check=True)
    return own, time.perf_counter() - begun


def main() -> None:
    """Load, by itself: for a profiler."""
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(f"{loading(Path(folder))}\n")


if __name__ == "__main__":
    main()
