"""The method's page names promises as examples of its grades: they must have these grades."""

import re
from pathlib import Path
from typing import Any

import app.pages
from app.resources.commitments import Completion

METHOD = Path(app.pages.__file__).parent / "content" / "methodology.md"
EXAMPLE = re.compile(r"^\| `(\w+)` \|.*\[[^]]+\]\(/commitments/([a-z0-9-]+)\)", re.MULTILINE)


def test_each_example_of_the_method_has_the_grade_it_is_an_example_of(bundle: dict[str, list[dict[str, Any]]]) -> None:
    grades = {
        each["commitment"]: each["sets"]["completion"]
        for each in bundle["updates"]
        if each.get("sets", {}).get("completion")
    }
    examples = EXAMPLE.findall(METHOD.read_text(encoding="utf-8"))
    assert {grade for grade, _ in examples} == {each.value for each in Completion} - {"not_assessed"}
    assert [(slug, grades[slug]) for grade, slug in examples if grades[slug] != grade] == []


def test_a_signature_alone_keeps_nothing(bundle: dict[str, list[dict[str, Any]]]) -> None:
    """A promise of which the log has a verdict and nothing else is complete or limited by more than its signature."""
    without_verdict = {each["commitment"] for each in bundle["updates"] if not each.get("sets", {}).get("completion")}
    kinds = {each["slug"]: each["kind"] for each in bundle["commitments"]}
    kept = ("limited", "substantial", "complete")
    alone = [
        each["commitment"]
        for each in bundle["updates"]
        if each.get("sets", {}).get("completion") in kept
        and each["commitment"] not in without_verdict
        and kinds[each["commitment"]] == "agreement"
    ]
    assert alone == []
