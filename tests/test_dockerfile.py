"""What the image holds, as far as that can be told without Docker: the steps that install it, run in another folder."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import ROOT


def instructions() -> Iterator[tuple[str, str]]:
    """The instructions of the first stage: the word each begins with, and the rest of it."""
    lines = (line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#"))
    stages = 0
    for instruction in "\n".join(lines).replace("\\\n", " ").splitlines():
        word, _, rest = instruction.partition(" ")
        stages += word == "FROM"
        if stages == 1 and word != "FROM":
            yield word, rest


def build(folder: Path) -> Path:
    """Do what the first stage does, with /opt and the place of the sources within a folder. Gives what is copied on."""
    opt, sources = folder / "opt", folder / "build"
    sources.mkdir()
    environment = dict(os.environ)
    for word, rest in instructions():
        if word == "ENV":
            environment |= dict(each.split("=", 1) for each in rest.split())
        elif word == "COPY":
            *names, to = rest.split()
            for name in names:
                copy(ROOT / name, sources / to / ("" if (ROOT / name).is_dir() else Path(name).name))
        elif word == "RUN":
            step = f"umask 022 && {rest.replace('/opt/', f'{opt}/')}"
            subprocess.run(["sh", "-c", step], cwd=sources, env=environment, check=True, timeout=600)
    return opt / "followthrough"


def copy(what: Path, to: Path) -> None:
    """Copy a file or a folder, whether or not something is there."""
    to.parent.mkdir(parents=True, exist_ok=True)
    if what.is_dir():
        shutil.copytree(what, to, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(what, to)


@pytest.mark.slow
def test_what_is_installed_runs_and_can_be_written_by_its_owner_alone(tmp_path: Path) -> None:
    installed = build(tmp_path)
    files = [each for each in installed.rglob("*") if not each.is_symlink()]
    assert len(files) > 1000
    assert [each for each in files if each.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)] == []
    done = subprocess.run([installed / "bin" / "followthrough", "--help"], capture_output=True, timeout=60, check=True)
    assert b"serve" in done.stdout
