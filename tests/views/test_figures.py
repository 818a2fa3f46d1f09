"""Each figure of the scorecard is what its list shows: counted, divided or averaged by whoever follows the link."""

from collections.abc import Callable, Sequence
from datetime import date
from statistics import fmean

import pytest

from tests.support.lists import Lists, Record, figures
from tests.support.oracle import days
from tests.support.register import Register

SHARES = (
    "follow_through_rate",
    "share_evidenced",
    "share_kept_of_evidenced",
    "share_kept_of_due",
    "share_overdue",
    "share_stale",
    "share_verifiable",
)


def _days_late(record: Record, today: date) -> int:
    late: int = (today - days(record["due_on"])[-1]).days
    assert record["days_overdue"] == late
    return late


RECKONED: dict[str, Callable[[Sequence[Record], date], float]] = {
    "mean_days_overdue": lambda records, today: fmean(_days_late(each, today) for each in records),
    "longest_overdue_days": lambda records, today: max(_days_late(each, today) for each in records),
    "mean_concreteness": lambda records, today: fmean(each["concreteness"] for each in records),
    "mean_slippage_days": lambda records, today: fmean(each["slippage_days"] for each in records),
}
"""Figures that are neither a count nor a share: how they follow from the records of their list."""


def _check(lists: Lists, partnership: str) -> int:
    """Hold every figure of a scorecard against its list. Gives how many there were."""
    scorecard = lists.json(f"/v1/partnerships/{partnership}/scorecard")
    today = date.fromisoformat(scorecard["as_of"])
    wrong: list[str] = []
    checked = 0
    for place, figure in figures(scorecard):
        checked += 1
        name = place.rpartition("/")[2]
        value, list_ = figure["value"], figure["list"]
        assert figure["definition"].endswith("."), place
        if name in RECKONED:
            records = lists.records(list_) if list_ else []
            expected: float | None = RECKONED[name](records, today) if records else None
            tolerance = 0.006
        elif name in SHARES:
            whole = lists.total(figure["of"])
            expected = lists.total(list_) / whole if whole else None
            tolerance = 0.00006
        else:
            expected, tolerance = lists.total(list_), 0
        known = value is not None and expected is not None
        if not (abs(value - expected) <= tolerance if known else value is expected):
            wrong.append(f"{place}: {value}, but {expected} of {list_}")
    assert not wrong, "\n".join(wrong)
    return checked


@pytest.mark.slow
def test_every_figure_of_the_bundled_register_is_what_its_list_shows(register: Register) -> None:
    assert _check(Lists(register), "india-south-korea") > 200


@pytest.mark.slow
def test_every_figure_an_editor_sees_is_what_the_editors_list_shows(generated: Register) -> None:
    """Drafts count for who sees them, in the figure and in the list alike."""
    assert _check(Lists(generated, generated.authorization), "partnership-1") > 100


def test_every_figure_of_a_generated_register_is_what_its_list_shows(generated: Register) -> None:
    assert _check(Lists(generated), "partnership-0") > 100


def test_no_figure_is_about_another_partnership(generated: Register) -> None:
    current = {
        figure["list"]
        for number in range(2)
        for _, figure in figures(Lists(generated).json(f"/v1/partnerships/partnership-{number}/scorecard"))
        if figure["list"] and f"partnership-{number}" not in figure["list"] and "/meetings?" not in figure["list"]
    }
    assert not current
