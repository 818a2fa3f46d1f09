"""What goes wrong on the disk while a workbook is written, as the disk says it."""

from collections.abc import Iterator
from contextlib import contextmanager

from xlsxwriter.exceptions import FileCreateError


@contextmanager
def as_the_disk_says() -> Iterator[None]:
    """Raise the error of the disk in place of XlsxWriter's own, which holds it."""
    try:
        yield
    except FileCreateError as error:
        if error.args and isinstance(error.args[0], OSError):
            raise error.args[0] from None
        raise
