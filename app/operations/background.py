"""What the server does by itself, beside answering requests."""

from collections.abc import Callable, Coroutine, Hashable, Iterator
from functools import partial
from typing import Any

from app.core.resource import Catalogue
from app.core.storage.database import Database
from app.operations.webhooks.deliver import Deliverer


def work_beside(
    database: Database, catalogue: Catalogue, version: Callable[[], Hashable | None]
) -> Iterator[Callable[[], Coroutine[Any, Any, None]]]:
    """What is to be done for as long as the server runs, each until it is cancelled.

    The version differs after every change of the register.
    """
    yield Deliverer(database, catalogue, version).run
    if database.settings.link_check_days:
        # Takes a while to import, which only those who use it shall wait for.
        from app.operations.links.schedule import check_repeatedly

        yield partial(check_repeatedly, database, catalogue)
