"""What the clients of others need: a server that names its own address, and the programs that make such clients.

The programs are installed by ``make clients``: generators for TypeScript and Python, Postman's runner, and pandas.
They are no part of the suite's own environment, so nothing of theirs decides what the server runs on.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.support.databases import Databases, require
from tests.support.server import Server, free_port, running

HERE = Path(__file__).parent
PATIENCE = 900

MISSING = "The programs of other clients are not installed (make clients)"


@pytest.fixture(scope="session")
def live(databases: Databases) -> Iterator[Server]:
    """A server with the bundled register that everybody reaches at the address it names."""
    port = free_port()
    settings = databases.bundled("sqlite").model_copy(update={"public_url": f"http://127.0.0.1:{port}"})
    with running(settings, port=port) as server:
        yield server


@pytest.fixture(scope="session")
def node() -> str:
    """Node.js, with the packages of package.json."""
    program = shutil.which("node", path=search_path())
    require(program is not None, "Node.js is not installed")
    require((HERE / "node_modules" / ".installed").exists(), MISSING)
    return str(program)


@pytest.fixture(scope="session")
def python() -> str:
    """The Python that has the packages of requirements/clients.txt."""
    program = HERE / ".venv" / "bin" / "python"
    require((HERE / ".venv" / ".installed").exists(), MISSING)
    return str(program)


@pytest.fixture(scope="session")
def document(live: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document as the server gives it."""
    file = tmp_path_factory.mktemp("document") / "openapi.json"
    with live.client() as client:
        file.write_bytes(client.get("/openapi.json").content)
    return file


@pytest.fixture
def workshop(document: Path, tmp_path: Path) -> Path:
    """A folder with the document, the sources of the clients, and the packages of Node.js."""
    for source in (*HERE.glob("*.ts"), *HERE.glob("*.json"), document):
        shutil.copy(source, tmp_path)
    if (HERE / "node_modules").exists():
        (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    return tmp_path


def search_path() -> str:
    """Where programs are looked for: first the Node.js that make installs where the system's is too old."""
    return os.pathsep.join((str(HERE.parent / "node" / "node_modules" / ".bin"), os.environ.get("PATH", os.defpath)))


def run(folder: Path, *command: str | Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a program in a folder; gives what it said, and fails with it where the program failed."""
    words: Sequence[str] = [str(each) for each in command]
    done = subprocess.run(
        words,
        cwd=folder,
        env={**os.environ, "PATH": search_path(), "NO_COLOR": "1", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-6000:]}"
    return done.stdout
