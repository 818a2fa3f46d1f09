"""What Schemathesis must know of this API beyond its description."""

from typing import Any

import schemathesis


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Ask for whole records: `fields` trims them, on purpose, to less than their schema requires."""
    if case.query:
        case.query.pop("fields", None)
