"""The summary of what a run has skipped is short, and counts every test."""

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
