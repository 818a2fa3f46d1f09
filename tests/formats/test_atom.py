"""The feed of changes has words for whatever can happen to a record."""

from app.core.storage.history import Action
from app.formats.atom import SENTENCES


def test_every_action_has_a_sentence() -> None:
    assert {action.value for action in Action} <= set(SENTENCES)
    assert all(sentence.startswith("{name} ") for sentence in SENTENCES.values())
