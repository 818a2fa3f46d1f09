"""How far a promise has come is the projection of its log: whatever the order of recording, and whatever befalls it."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.resources.progress import projection
from tests.support.editor import Editor
from tests.support.generated import examples

COMPLETIONS = ("not_assessed", "no_evidence_available", "not_started", "limited", "substantial", "complete")
LIFECYCLES = ("pipeline", "implementation", "finalisation", "closed", "suspended", "cancelled")
STATUSES = ("scheduled", "met", "partially_met", "not_met")


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, str]]:
    """Updates that no two of happened and were recorded on the same days, in the order of recording."""
    days = st.tuples(st.integers(1, 9), st.integers(10, 14))
    found = []
    for occurred, recorded in draw(st.lists(days, min_size=1, max_size=5, unique=True)):
        update = {"occurred_on": f"2024-03-{occurred:02}", "recorded_on": f"2024-03-{recorded:02}"}
        update |= draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "completion": st.sampled_from(COMPLETIONS),
                    "lifecycle": st.sampled_from(LIFECYCLES),
                    "milestone_status": st.sampled_from(STATUSES),
                },
            )
        )
        found.append(update)
    return found


def _expected(log: list[dict[str, str]]) -> tuple[str, str, str, str | None]:
    """The last word on each thing, in the order in which things happened."""
    reached = {"completion": "not_assessed", "lifecycle": "pipeline", "milestone_status": "scheduled"}
    met_on = None
    for update in sorted(log, key=lambda each: (each["occurred_on"], each["recorded_on"])):
        reached |= {name: value for name, value in update.items() if name in reached}
        if "milestone_status" in update:
            met_on = update["occurred_on"] if update["milestone_status"] == "met" else None
    return reached["completion"], reached["lifecycle"], reached["milestone_status"], met_on


@pytest.mark.slow
def test_any_order_of_recording_gives_the_same_state(editor: Editor) -> None:
    @given(log=logs(), order=st.randoms(use_true_random=False))
    @examples(12)
    def property_(log: list[dict[str, str]], order: Random) -> None:
        expected = _expected(log)
        for _ in range(2):
            promise = editor.promise()
            step = editor.milestone(promise)
            order.shuffle(log)
            for update in log:
                of = {"milestone": step} if "milestone_status" in update else {}
                editor.update(promise, **update, **of)
            shown = editor.read("milestones", step)
            assert (*editor.reached(promise), shown["status"], shown["met_on"]) == expected

    property_()


def test_an_event_recorded_late_takes_its_place_in_the_order_of_events(editor: Editor) -> None:
    promise = editor.promise()
    editor.update(promise, "2024-03-01", recorded_on="2024-03-02", completion="limited", lifecycle="implementation")
    editor.update(promise, "2024-06-01", recorded_on="2024-06-02", completion="complete")
    editor.update(promise, "2024-05-01", recorded_on="2024-09-01", completion="substantial", lifecycle="suspended")
    assert editor.reached(promise) == ("complete", "suspended")
    editor.update(promise, "2024-06-01", recorded_on="2024-09-01", completion="substantial")
    assert editor.reached(promise) == ("substantial", "suspended"), "of one day, what was recorded later counts"


def test_an_update_that_is_withdrawn_falls_out(editor: Editor) -> None:
    promise = editor.promise()
    step = editor.milestone(promise, due_on="2024-12-31")
    editor.update(promise, "2024-03-01", completion="limited")
    last = editor.update(promise, "2024-04-01", completion="complete", milestone=step, milestone_status="met")
    assert editor.reached(promise)[0] == "complete"
    assert editor.read("milestones", step)["met_on"] == "2024-04-01"
    assert editor.change("DELETE", "updates", last).status_code == 204
    assert editor.reached(promise)[0] == "limited"
    shown = editor.read("milestones", step)
    assert (shown["status"], shown["met_on"]) == ("scheduled", None)


def test_a_draft_does_not_count_until_it_is_published(editor: Editor) -> None:
    promise = editor.promise()
    draft = editor.update(promise, "2024-03-01", completion="complete", state="draft")
    assert editor.reached(promise) == ("not_assessed", "pipeline")
    assert editor.read("commitments", promise)["days_since_update"] is None
    assert editor.patch("updates", draft, state="published").status_code == 200
    assert editor.reached(promise)[0] == "complete"
    (source,) = editor.read("updates", draft)["sources"]
    assert source["slug"] == "aaj-2026", "the citations it was drafted with are published with it"


def test_a_milestone_follows_the_last_word_on_it(editor: Editor) -> None:
    promise = editor.promise()
    first, second = editor.milestone(promise), editor.milestone(promise)
    editor.update(promise, "2024-03-01", milestone=first, milestone_status="met")
    editor.update(promise, "2024-02-01", milestone=second, milestone_status="partially_met")
    editor.update(promise, "2024-04-01", milestone=first, lifecycle="finalisation")
    shown = editor.read("milestones", first)
    assert (shown["status"], shown["met_on"]) == ("met", "2024-03-01")
    assert editor.read("milestones", second)["status"] == "partially_met"
    editor.update(promise, "2024-05-01", milestone=first, milestone_status="not_met")
    shown = editor.read("milestones", first)
    assert (shown["status"], shown["met_on"]) == ("not_met", None)


def test_the_projection_is_kept_with_its_own_revision(editor: Editor) -> None:
    promise = editor.promise()
    before = editor.read("commitments", promise)["revision"]
    editor.update(promise, "2024-03-01", lifecycle="implementation")
    assert editor.read("commitments", promise)["revision"] == before + 1
    editor.update(promise, "2024-04-01", lifecycle="implementation")
    assert editor.read("commitments", promise)["revision"] == before + 1, "what says nothing new changes nothing"


@pytest.mark.parametrize("name", ["completion", "lifecycle"])
def test_an_empty_log_is_the_beginning(name: str) -> None:
    assert projection([])[name] == {"completion": "not_assessed", "lifecycle": "pipeline"}[name]
