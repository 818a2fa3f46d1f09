"""What a person can start a conversation with: a briefing, and the check of a claim."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Blank:
    """Something to be filled in."""

    name: str
    description: str
    required: bool = True


@dataclass(frozen=True)
class Prompt:
    """A beginning of a conversation."""

    name: str
    title: str
    description: str
    blanks: tuple[Blank, ...]
    text: Callable[[Mapping[str, str]], str]


_RULES = """\
Take every statement from the tools of this register. After each statement, give the page of the record it is from and,
where there is one, the source with its publisher and date. Say the day that figures are for. Keep apart what is known
not to have been done, what nobody found evidence of, and what nobody has looked at. Where a source is cited with the
intent `disputes`, give both sides. Say plainly what the register does not know: followthrough://coverage tells.
"""


def _briefing(filled: Mapping[str, str]) -> str:
    topic = f" on {filled['topic']}" if filled.get("topic") else ""
    reader = filled.get("reader") or "an official who has five minutes"
    return f"""\
Write a briefing{topic} about what the partners of {filled["partnership"]} promised each other and what came of it.
It is for {reader}. At most one page, the main finding first; then what was kept, what is overdue and on whose side,
what nobody reports on, and what to ask for at the next meeting.

Begin with `scorecard`. Use `find_commitments` for the promises that matter, `get_record` for the two or three that
carry the argument, and `timeline` for what is next.

{_RULES}"""


def _fact_check(filled: Mapping[str, str]) -> str:
    claim = "\n".join(f"> {line}" for line in filled["claim"].splitlines())
    return f"""\
Check this claim against the register:

{claim}

Split it into what can be checked. For each part, find the promises, log entries or observations that bear on it
(`search`, `find_commitments`), read them with their evidence (`get_record`), and say: supported, contradicted, partly,
or not known here. End with a sentence that could be published, and the citations from `cite`.

{_RULES}"""


PROMPTS: tuple[Prompt, ...] = (
    Prompt(
        "briefing",
        "A briefing on a partnership",
        "One page on what was promised and what came of it, with the evidence.",
        (
            Blank("partnership", "The partnership, such as india-south-korea."),
            Blank("topic", "A theme or question to keep to, such as trade.", required=False),
            Blank("reader", "Who it is for.", required=False),
        ),
        _briefing,
    ),
    Prompt(
        "fact_check",
        "Check a claim",
        "What the register supports, contradicts or does not know of a claim.",
        (Blank("claim", "What somebody said."),),
        _fact_check,
    ),
)
