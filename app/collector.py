"""Python's collector of garbage, which looks at all that lives again and again. Of a register little is garbage."""

import gc

_COLLECTED_AFTER = 10_000
"""New objects until the collector looks for garbage among them."""


def collect_less() -> None:
    """What is there now stays: the collector need not look at it again.

    A response of tens of thousands of dictionaries is no garbage either: looking at them less often saves a tenth, and
    as much of a load.
    """
    gc.freeze()
    gc.enable()
    gc.set_threshold(_COLLECTED_AFTER)
