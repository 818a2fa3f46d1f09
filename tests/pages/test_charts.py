"""Charts of indicators: what is joined, what is marked, and where it stands."""

from typing import Any

from app.pages.charts import chart

INDICATOR = {"unit": "USD billion", "reporter": "Customs"}


def observation(year: int, value: float, **more: Any) -> dict[str, Any]:
    return {
        "period_start": f"{year}-01-01",
        "period_end": f"{year}-12-31",
        "value": value,
        "party": None,
        "status": "actual",
        "rank": "normal",
        "source": {"slug": f"source-{year}", "title": f"Source of {year}"},
        **more,
    }


def promise(**more: Any) -> dict[str, Any]:
    base = {"made_on": "2018-07", "due_on": "2030", "baseline_value": 20.0, "target_value": 50.0}
    return {**base, "html_url": "/commitments/a", "completion": "limited", **more}


def test_the_values_of_one_reporter_are_one_line() -> None:
    drawn = chart(INDICATOR, [observation(2018, 21.5), observation(2020, 16.9)], [], {})
    assert drawn
    assert [series.name for series in drawn.series] == ["Customs"]
    assert len(drawn.series[0].line.split()) == 2


def test_sources_are_reporters_where_the_indicator_names_none() -> None:
    values = [observation(2018, 21.5), observation(2020, 16.9)]
    drawn = chart({"unit": "", "reporter": None}, values, [], {"source-2018": "Yonhap", "source-2020": "Embassy"})
    assert drawn
    assert sorted(series.name for series in drawn.series) == ["Embassy", "Yonhap"]
    assert all(series.line == "" for series in drawn.series)


def test_fiscal_and_calendar_years_are_never_joined() -> None:
    fiscal = observation(2019, 20, period_start="2018-04-01", period_end="2019-03-31")
    drawn = chart(INDICATOR, [observation(2018, 21.5), fiscal], [], {})
    assert drawn
    assert {series.name for series in drawn.series} == {"Customs", "Customs · fiscal years"}


def test_parties_are_series_of_their_own() -> None:
    values = [observation(2018, 1, party="IN"), observation(2019, 2, party="KR")]
    drawn = chart(INDICATOR, values, [], {})
    assert drawn
    assert {series.name for series in drawn.series} == {"Customs · India", "Customs · South Korea"}


def test_the_line_goes_through_the_preferred_of_two_values() -> None:
    disputed = [observation(2022, 27.7), observation(2022, 27.8, rank="preferred"), observation(2021, 23.7)]
    drawn = chart(INDICATOR, disputed, [], {})
    assert drawn
    (series,) = drawn.series
    assert [(point.value, point.joined) for point in series.points] == [(23.7, True), (27.8, True), (27.7, False)]


def test_what_is_not_final_or_was_replaced_is_hollow() -> None:
    values = [observation(2018, 1, status="provisional"), observation(2019, 2, rank="deprecated"), observation(2020, 3)]
    drawn = chart(INDICATOR, values, [], {})
    assert drawn
    assert [point.firm for point in drawn.series[0].points] == [False, False, True]


def test_a_target_is_marked_where_it_is_due() -> None:
    drawn = chart(INDICATOR, [observation(2018, 21.5), observation(2020, 16.9)], [promise()], {})
    assert drawn
    (target,) = drawn.targets
    assert target.text == "50 by 2030"
    assert target.from_x < target.x
    assert target.y < target.from_y
    assert drawn.left <= target.from_x <= target.x <= drawn.right
    assert all(drawn.top <= point.y <= drawn.bottom for series in drawn.series for point in series.points)


def test_a_single_value_and_negative_or_equal_ones_are_no_trouble() -> None:
    assert chart(INDICATOR, [observation(2018, 21.5)], [], {}) is None
    assert chart(INDICATOR, [observation(2018, -3), observation(2019, -3)], [], {})
    assert chart(INDICATOR, [observation(2018, 0), observation(2019, 0)], [], {})
    assert chart(INDICATOR, [observation(2018, 1e12), observation(2019, 1e-9)], [], {})


def test_the_value_of_a_year_and_a_target_for_it_stand_over_the_name_of_the_year() -> None:
    drawn = chart(INDICATOR, [observation(2018, 21.5), observation(2030, 49)], [promise()], {})
    assert drawn
    named = {mark.text: mark.at for mark in drawn.columns}
    first = drawn.series[0].points[0]
    assert abs(first.x - named["2018"]) < 1
    (target,) = drawn.targets
    assert abs(target.x - drawn.series[0].points[1].x) < 1


def test_the_words_of_a_target_leave_the_line_readable() -> None:
    values = [observation(2000, 2), observation(2008, 15), observation(2016, 15)]
    missed = promise(made_on="2004", due_on="2008", target_value=13.0, baseline_value=None)
    drawn = chart(INDICATOR, values, [missed, promise(due_on="2012", target_value=40.0)], {})
    assert drawn
    low, high = drawn.targets
    assert low.text_y > low.y
    assert high.text_y < high.y
