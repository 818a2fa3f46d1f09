"""The order in which the files of a run are begun."""

from tests.support.order import places


def test_what_waits_is_spread_among_what_works_and_small_files_come_last() -> None:
    sizes = {"api/test_few.py": 10, "operations/test_b.py": 1, "server/test_a.py": 20, "api/test_many.py": 50}
    found = places(file for file, size in sizes.items() for _ in range(size))
    assert sorted(sizes, key=lambda file: (found[file], file)) == [
        "api/test_many.py",
        "server/test_a.py",
        "operations/test_b.py",
        "api/test_few.py",
    ]


def test_a_run_of_what_only_waits_has_an_order_too() -> None:
    assert places(["server/test_a.py"]) == {"server/test_a.py": 0}
