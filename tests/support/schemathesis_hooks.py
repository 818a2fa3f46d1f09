"""How Schemathesis writes the bodies of imports, whose media types it does not know."""

import schemathesis

# A string of the document is sent as it stands, and what follows its grammar is mostly the examples: fuzzing shows
# that the readers refuse everything else by a problem.
schemathesis.serializer.alias(
    [
        "application/jsonl",
        "application/x-ndjson",
        "application/x-bibtex",
        "application/x-research-info-systems",
        "text/csv",
    ],
    "text/plain",
)
schemathesis.serializer.alias(
    ["application/zip", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
    "application/octet-stream",
)
