"""The texts of the interface in the language of the request, from the catalogues that translators write (gettext).

The English text is the name of a message. A catalogue (``.po``) is read and compiled in memory when its language is
first asked for, so that installing takes no further step. What a catalogue lacks stays English; a test lets none lack
anything.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from app.languages.choice import LANGUAGES, ORIGINAL, current

CATALOGUES = Path(__file__).parent / "catalogues"


@cache
def _translations(language: str) -> NullTranslations:
    if language == ORIGINAL or language not in LANGUAGES:
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (CATALOGUES / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def gettext(message: str) -> str:
    """A text."""
    return _translations(current()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: float) -> str:
    """A text that depends on a number."""
    # Catalogues know whole numbers; 1.5 takes the form of several.
    return _translations(current()).ngettext(singular, plural, int(count) if count == int(count) else 2)


def pgettext(context: str, message: str) -> str:
    """A text that means different things in different places."""
    return _translations(current()).pgettext(context, message)


def npgettext(context: str, singular: str, plural: str, count: float) -> str:
    """A text that depends on a number and on its place."""
    return _translations(current()).npgettext(context, singular, plural, int(count) if count == int(count) else 2)
