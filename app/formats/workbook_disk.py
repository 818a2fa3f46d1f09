"""What goes wrong on the disk while a workbook is written, as the disk says it."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def as_the_disk_says() -> Iterator[None]:
    """Raise the error of the disk in place of XlsxWriter's own, which holds it."""
    # Imported with the first workbook: a server starts sooner without.
    from xlsxwriter.exceptions import FileCreateError

    try:
        yield
    except FileCreateError as error:
        if error.args and isinstance(error.args[0], OSError):
            raise error.args[0] from None
        raise
