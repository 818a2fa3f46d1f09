"""A disk without room for what is put aside: a problem that passes, and no mistake of ours. Reading goes on."""

import gc
import sys
from typing import IO

import pytest

from app.api import uploads
from app.core.importing import spool
from app.formats import xlsx, xlsx_template
from app.formats.bundle import package
from tests.support.problems import assert_problem
from tests.support.register import Register

LINES = b'{"format": "followthrough-bundle/1"}\n{"resource": "themes", "slug": "full", "name": "Full"}\n'


FILES = ("export.zip", "themes.xlsx", "themes.xlsx?template=true")


def full() -> IO[bytes]:
    """A file on a disk that is full, from the first byte on."""
    return open("/dev/full", "w+b", buffering=0)  # noqa: PTH123 (in the place of another such)


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /dev/full")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("path", "signed_in"),
    [
        *((f"/v1/{path}", signed_in) for path in FILES for signed_in in (True, False)),
        ("/v1/import", True),
        ("/v1/import?dry_run=true", True),
    ],
)
def test_a_full_disk_passes(
    small_registers: dict[str, Register], path: str, *, signed_in: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = small_registers["sqlite"]
    for module in (uploads, package, spool, xlsx, xlsx_template):
        monkeypatch.setattr(module, "TemporaryFile", full)
    headers = register.authorization if signed_in else {}
    if "import" in path:
        headers = {**headers, "Content-Type": "application/jsonl"}
        response = register.request("POST", path, content=LINES, headers=headers)
    else:
        response = register.get(path, headers=headers)
    assert response.status_code == 503
    assert_problem(response)
    assert response.json()["detail"] == "The disk of the server is full. Nothing was changed."
    assert response.headers["retry-after"]
    # The archive that XlsxWriter leaves open says here, and not in another test, that it cannot be closed.
    gc.collect()
    for readable in ("/v1/themes", "/v1/themes.csv", "/v1/export.jsonl"):
        assert register.get(readable).status_code == 200
