"""Problems of the server's own, of which the client is not the cause."""

from app.errors.problem import Problem


class Internal(Problem):
    """The server met a condition that it did not expect. Nothing was changed."""


class DamagedRecord(Internal):
    """What is stored of this record was changed from outside and cannot be read. Lists and files leave it out and say
    so; everything else is served as usual.
    """

    name = "record-damaged"
    title = "The record is damaged"
    remedy = "Report it to whoever runs the register: `followthrough check` names the row, and a backup has it whole."


class CodingNotImplemented(Problem):
    """The `Transfer-Encoding` header names a coding other than `chunked`."""

    status = 501
    name = "coding-not-implemented"
    title = "The body is sent in a coding that is not taken"
    remedy = "Send the body as it is, in chunks or with its `Content-Length`."


class VersionNotSupported(Problem):
    """The request line names a version of HTTP other than 1.0 and 1.1."""

    status = 505
    name = "version-not-supported"
    title = "This version of HTTP is not supported"
    remedy = "Use HTTP/1.1. A proxy in front of the server may take newer versions from clients."


class Unavailable(Problem):
    """The database or the identity provider is out of reach, or the query took longer than is allowed. Nothing was
    changed.
    """

    status = 503
    name = "unavailable"
    title = "The register cannot answer at the moment"
    remedy = "Try again after the seconds in `Retry-After`; ask for less if it was a long query."

    def __init__(self, detail: str | None = None, *, retry_after: int = 2) -> None:
        """Say when to come back."""
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class OutcomeUnknown(Unavailable):
    """The connection to the database was lost at the very moment of storing: the change may have been made or not."""

    name = "outcome-unknown"
    title = "It is not known whether the change was made"
    remedy = (
        "Repeat a POST with the same `Idempotency-Key`: it is made once, and answered as it was. "
        "Without a key, read the record first."
    )

    def __init__(self) -> None:
        """Name the way out at once: whoever meets this has no time to read up on it."""
        super().__init__(f"{self.meaning} {self.remedy}")


class Overloaded(Unavailable):
    """The server serves as many clients at once as it can. Nothing was changed."""

    name = "overloaded"
    title = "Too many clients are being served"
    remedy = "Try again after the seconds in `Retry-After`."
