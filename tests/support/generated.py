"""Generated values: what Hypothesis draws from, and how long it may go on. Every run draws the same."""

import os
import unicodedata
from datetime import UTC
from decimal import Decimal

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

FACTOR = int(os.environ.get("FOLLOWTHROUGH_TEST_EXAMPLES", "1"))
"""How many times as many examples as usual; for a long look before a release."""


def examples(number: int, *, shrink: bool = True) -> settings:
    """How a property is tried: on this many examples, the same ones in every run.

    Where one example takes long, a failing one is shown as it was found, without looking for a smaller one.
    """
    phases = [phase for phase in Phase if shrink or phase not in (Phase.shrink, Phase.explain)]
    return settings(
        phases=phases,
        max_examples=number * FACTOR,
        derandomize=True,
        database=None,
        # Machines differ in speed, and a property that holds slowly holds.
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )


SCRIPTS = (
    "abcxyzABCXYZ0123456789",
    " \n\t",
    "'\"`=+-@;,|\\/%_*():&!<>{}[]^~#$?.",
    "éüñçøåßıİœŒÅ",
    "한국과인도의약속",
    "भारतगणराज्यकोरियािीुू्",
    "漢字かなカナ",
    "\u0301\u0308\u200b\u200d\u202e\u2028\u2029\ufeff\ufffd\u00a0\u00ad\uffff",
    "🤝🇮🇳🇰🇷👩‍💻",
    "①½²№℃ⅧﬁＡ",
)
"""Characters that programs get wrong, by kind."""

storable_characters = st.one_of(
    st.sampled_from("".join(SCRIPTS)),
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"),
)

texts = st.text(storable_characters, max_size=60)
"""Any text that can be stored."""


def _shows(text: str) -> bool:
    """Whether it is certain that a text has something to see."""
    return any(unicodedata.category(character)[0] in "NPS" or character in LETTERS for character in text)


LETTERS = frozenset("abcxyzABCXYZéüñ한국과인도भारत漢字")

prose = texts.map(lambda text: text if _shows(text) else f"{text}a")
"""Any text that a field of paragraphs takes."""

BREAKS = "\n\t\u2028\u2029"

TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

lines = st.text(storable_characters.filter(lambda each: each not in f"{BREAKS}{TURNS}"), min_size=1, max_size=60).map(
    lambda text: text if _shows(text) else f"a{text[1:]}"
)
"""Any text that a field of one line takes."""

moments = st.datetimes(timezones=st.just(UTC))

decimals = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=Decimal(-(10**9)), max_value=10**9)
