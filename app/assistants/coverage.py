"""What the register covers, and what it does not: a text that an assistant reads before it concludes anything."""

from app.api.index import count_records
from app.assistants.tool import Call
from app.pages.texts import methodology_text

COVERAGE = "followthrough://coverage"
METHODOLOGY = "followthrough://methodology"

_LIMITS = """\
## What it does not know

- It holds the partnerships listed above and nothing of others. That something is not found here does not mean that it
  was never promised.
- It is made from public sources, mostly in English. Agreements that were not published, and work that nobody reported,
  are not in it.
- `no_evidence_available` says that somebody looked and found nothing either way. It is no verdict on the parties, and
  it is not the same as `not_started` (shown not to have been done) or `not_assessed` (nobody has looked).
- A promise without a `due_on` is never overdue, however old it is.
- Where sources disagree, both stay: look for evidence with the intent `disputes` before giving a figure.
- Promises follow the sources and are no sample. Compare rates of two partnerships with the evidence behind them.
- Trade and investment figures of different reporters, and of calendar and fiscal years, are different indicators. Do
  not join them.
"""

_HOW = """\
## How to answer from it

- Give the `page` of each record that a statement comes from, and the source behind it where there is one.
- Say the day that figures are for (`as_of`).
- Say who stands behind a source: a statement that only a party to the promise supports is its own account.
- Say when the register does not know. `gaps` lists what is missing.
"""


def coverage(call: Call) -> str:
    """What the register covers today, in Markdown."""
    counts = count_records(call.register.reader)
    lines = ["# What this register covers", "", f"As of {call.register.reader.today}:", ""]
    for each in call.register.list("partnerships").records:
        of_it = ("partnership", each["slug"])
        dates = [
            call.register.list("commitments", of_it, ("made_on__isnull", "false"), ("sort", sort), limit=1).records
            for sort in ("made_on", "-made_on")
        ]
        since, until = (str(found[0]["made_on"])[:4] if found else "?" for found in dates)
        total = call.register.total("commitments", of_it)
        lines.append(f"- {each['title']} (`{each['slug']}`): {total} promises made from {since} to {until}")
    kinds = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    lines += ["", f"Altogether {kinds}. Each record has its history; the register can be read as it once stood.", ""]
    return "\n".join([*lines, _LIMITS, _HOW])


def methodology(call: Call) -> str:
    """How the register judges, in Markdown."""
    return methodology_text()
