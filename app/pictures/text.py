"""Text in pictures: how wide it will be, and how it is broken and shortened to fit.

A picture cannot know which font it will be shown with. Widths are those of DejaVu Sans, the widest of the fonts that it
asks for, so that what fits here fits everywhere.
"""

import re
import unicodedata

ELLIPSIS = "…"
_BOLD = 1.16
_UNKNOWN = 0.85  # of the font size: a letter of a script that was not measured
_EMOJI = 1.4

_MEASURED = {
    0.32: "'ijlIJ ,.·\u2019",
    0.40: "/:;\\|f-()[]t!",
    0.53: 'r"*_`\u2013“”sz?',
    0.59: "cLFk•vx",
    0.62: "yPTYoae",
    0.64: "EhnuSbdgpq0123456789${}€",
    0.70: "KAVXZBRC",
    0.79: "UNHDG&OQ",
    0.87: "w#+<=>^~M",
    1.00: "%mW@—…",
}
_WIDTHS = {character: width for width, characters in _MEASURED.items() for character in characters}

# Marks that turn the direction of what follows them would reach beyond the text that brought them.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
# What XML 1.0 cannot hold.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: object) -> str:
    """The text on one line, without what a document cannot hold or what would disturb the text around it."""
    composed = unicodedata.normalize("NFC", str(text))
    return " ".join(_TURNS.sub("", _FORBIDDEN.sub("\ufffd", composed)).split())


def _joins(character: str) -> bool:
    """Whether a character is drawn upon the one before it, or makes one sign with it."""
    return (
        unicodedata.category(character) in ("Mn", "Me", "Mc", "Cf")
        or "\ufe00" <= character <= "\ufe0f"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def _signs(text: str) -> list[str]:
    """The text cut where a reader would: a letter stays with its accents, an emoji with what modifies it."""
    signs: list[str] = []
    for character in text:
        if signs and (_joins(character) or signs[-1].endswith("\u200d")):
            signs[-1] += character
        else:
            signs.append(character)
    return signs


def _sign_width(sign: str) -> float:
    first = sign[0]
    if known := _WIDTHS.get(first):
        return known
    if unicodedata.east_asian_width(first) in ("W", "F"):
        return _EMOJI if unicodedata.category(first) == "So" else 1.0
    base = unicodedata.normalize("NFD", first)[0]
    if known := _WIDTHS.get(base):
        return known
    if unicodedata.category(first) in ("So", "Sk"):
        return _EMOJI
    return 1.1 if "\u0400" <= first <= "\u04ff" and first.isupper() else _UNKNOWN


def measured(text: str) -> bool:
    """Whether the width of every sign is known, and not guessed."""
    return all(len(sign) == 1 and unicodedata.normalize("NFD", sign)[0] in _WIDTHS for sign in _signs(text))


def right_to_left(text: str) -> bool:
    """Whether any of it is written from right to left."""
    return any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)


def text_width(text: str, size: float, bold: bool = False) -> float:
    """How wide a text is drawn, at most."""
    return sum(map(_sign_width, _signs(text))) * size * (_BOLD if bold else 1)


def shorten(text: str, width: float, size: float, bold: bool = False) -> str:
    """The text, or as much of its beginning as fits with an ellipsis."""
    if text_width(text, size, bold) <= width:
        return text
    signs = _signs(text)
    left = width - text_width(ELLIPSIS, size, bold)
    beginning = ""
    for sign in signs:
        left -= text_width(sign, size, bold)
        if left < 0:
            break
        beginning += sign
    # A word is not cut in two where little is lost by leaving it out.
    words, _, rest = beginning.rpartition(" ")
    if words and len(rest) < 8 and len(words) > len(beginning) * 0.7:
        beginning = words
    return beginning.rstrip(" ,;:\u2013-") + ELLIPSIS


def wrap(text: str, width: float, size: float, lines: int, bold: bool = False) -> list[str]:
    """The text on so many lines at most; the last ends in an ellipsis where there is more."""
    finished: list[str] = []
    rest = text
    while rest and len(finished) < lines - 1 and text_width(rest, size, bold) > width:
        line, rest = _line(rest, width, size, bold)
        finished.append(line)
    return [*finished, shorten(rest, width, size, bold)] if rest else finished


def _line(text: str, width: float, size: float, bold: bool) -> tuple[str, str]:
    """As many words as fit on a line, and the rest. A word longer than a line is cut."""
    words = text.split(" ")
    line = ""
    for place, word in enumerate(words):
        longer = f"{line} {word}" if line else word
        if text_width(longer, size, bold) > width:
            if line:
                return line, " ".join(words[place:])
            break
        line = longer
    signs, taken = _signs(text), 1
    while taken < len(signs) and text_width("".join(signs[: taken + 1]), size, bold) <= width:
        taken += 1
    return "".join(signs[:taken]), "".join(signs[taken:]).lstrip()
