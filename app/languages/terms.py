"""Vocabularies in the language of the request: what a term is called, and what it means."""

import re

from app.core.vocabulary import Vocabulary
from app.languages.texts import gettext, pgettext


def context_of(vocabulary: type[Vocabulary]) -> str:
    """The name of a vocabulary, which is the context in which catalogues know the labels of its terms."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", vocabulary.__name__).lower()


def label_of(term: Vocabulary) -> str:
    """The term as a person reads it."""
    return pgettext(context_of(type(term)), term.label)


def definition_of(term: Vocabulary) -> str:
    """What the term means."""
    return gettext(term.definition)
