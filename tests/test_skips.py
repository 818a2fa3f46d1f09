"""What a machine cannot test is skipped by name; the summary of that is short, and counts every test."""

import subprocess
import sys

import pytest

from tests.support.skips import summary


def test_the_commonest_reasons_are_named_and_the_rest_is_summed() -> None:
    reasons = [f"Skipped: reason {number}, in detail" for number in range(1, 8) for _ in range(number)]
    assert summary(reasons) == [
        "7 tests skipped: reason 7",
        "6 tests skipped: reason 6",
        "5 tests skipped: reason 5",
        "4 tests skipped: reason 4",
        "6 tests skipped: for other reasons (-rs names them)",
    ]


def test_few_reasons_are_all_named() -> None:
    assert summary(["Skipped: nginx is not installed."]) == ["1 test skipped: nginx is not installed"]
    assert summary([]) == []


@pytest.mark.slow
def test_without_playwright_what_needs_it_is_skipped_by_name() -> None:
    """There is no build of it for musl (Alpine)."""
    arguments = ["-rs", "--collect-only", "tests/pages/test_browser.py", "tests/pictures"]
    program = f"import sys, pytest; sys.modules['playwright'] = None; sys.exit(pytest.main({arguments}))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    assert run.stdout.count("Playwright is not installed") >= 2, run.stdout
    assert "test_drawing.py" in run.stdout, run.stdout
