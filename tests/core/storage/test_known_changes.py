"""What a snapshot of a standby must have, so that it may be read; tests/server/test_standbys.py reads real ones."""

from app.core.storage.known_changes import KnownChanges


def test_before_the_primary_was_seen_no_standby_is_read() -> None:
    assert KnownChanges(5).demanded(100.0) is None


def test_a_change_is_demanded_when_it_has_been_known_for_the_time_allowed() -> None:
    known = KnownChanges(5)
    known.looked(7, 100.0)
    known.looked(7, 101.0)
    known.looked(8, 102.0)  # made after 101
    known.looked(9, 103.0)  # made after 102
    moments = (103.0, 105.9, 106.0, 106.9, 107.0)
    assert [known.demanded(moment) for moment in moments] == [7, 7, 8, 8, 9]
    assert known.last == 9


def test_a_change_of_this_process_is_demanded_at_once() -> None:
    known = KnownChanges(5)
    known.looked(7, 100.0)
    known.changed_here(9)
    assert (known.demanded(100.1), known.demanded(100.1, own=True), known.last) == (7, 9, 9)


def test_without_a_time_allowed_everything_known_is_demanded() -> None:
    known = KnownChanges(0)
    known.looked(7, 100.0)
    known.looked(8, 100.4)
    assert known.demanded(100.4) == 8


def test_a_primary_that_went_back_is_begun_with_anew() -> None:
    known = KnownChanges(5)
    known.looked(100, 100.0)
    known.changed_here(101)
    known.looked(50, 101.0)
    assert (known.demanded(101.0, own=True), known.last) == (50, 50)
