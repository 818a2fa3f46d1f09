"""Problems of a request by itself: it cannot be read, or asks for what this path does not have or take."""

from app.errors.problem import Problem


class BadQuery(Problem):
    """A query parameter is unknown, given twice where one is taken, or has a value that it cannot have."""

    status = 400
    name = "bad-query"
    title = "The query cannot be understood"
    remedy = "`errors` names each parameter and, where one is close, the name that was probably meant."


class BadCursor(BadQuery):
    """A cursor is opaque, signed, and bound to the filters and the order it was made for."""

    name = "bad-cursor"
    title = "The cursor does not belong to this query"
    remedy = "Follow `next` as it was given, or start again without `cursor`."


class Malformed(Problem):
    """The request cannot be read: a path, a header or a key in it is not well-formed."""

    status = 400
    name = "malformed-request"
    title = "The request is malformed"
    remedy = "`detail` says which part."


class MethodNotAllowed(Problem):
    """The path exists, but not with this method."""

    status = 405
    name = "method-not-allowed"
    title = "This path does not take that method"
    remedy = "The `Allow` header lists the methods that it takes."


class NotAcceptable(Problem):
    """The `Accept` header names only formats that this path does not have."""

    status = 406
    name = "not-acceptable"
    title = "None of the formats asked for is available"
    remedy = "Ask for one of the formats in `detail`, or read a file by its own path, such as `/v1/commitments.csv`."


class RequestTimeout(Problem):
    """The headers or the body of the request did not arrive in the time that the server waits for them."""

    status = 408
    name = "request-timeout"
    title = "The request took too long to arrive"
    remedy = "Send the request again, in one go; send less at a time over a slow line."

    def __init__(self, detail: str | None = None) -> None:
        """Close the connection: what else comes over it would be the rest of this request."""
        super().__init__(detail, headers={"Connection": "close"})


class TooLarge(Problem):
    """A request body may have at most 2 MiB."""

    status = 413
    name = "content-too-large"
    title = "The body is too large"
    remedy = "Send less at a time."


class UnsupportedMediaType(Problem):
    """The `Content-Type` of the body is missing or not one that this path takes."""

    status = 415
    name = "unsupported-media-type"
    title = "The body's media type is not taken here"
    remedy = "`detail` names the media types that are taken."


class RangeNotSatisfiable(Problem):
    """The `Range` header names a part that lies beyond the end of the file."""

    status = 416
    name = "range-not-satisfiable"
    title = "The file has no such part"
    remedy = "`Content-Range` says how long the file is."


class Invalid(Problem):
    """The body is not JSON, or a value in it is missing, unknown, of the wrong type or out of range."""

    status = 422
    name = "invalid-body"
    title = "The body does not describe a valid record"
    remedy = "`errors` points at each flaw with a JSON Pointer (RFC 6901)."


class ImportRefused(Invalid):
    """The file cannot be read, or records in it cannot be taken. Nothing was stored."""

    name = "import-refused"
    title = "The file cannot be imported"
    remedy = (
        "`errors` names each record by file, row, resource and slug, and what is wrong with it by column or pointer. "
        "`dry_run=true` gives the whole plan."
    )


class HeadersTooLarge(Problem):
    """The request line and the headers may have 64 KiB and 200 fields together."""

    status = 431
    name = "headers-too-large"
    title = "The headers are too large"
    remedy = "Send fewer or shorter headers, or a shorter query."

    def __init__(self, detail: str | None = None) -> None:
        """Close the connection: the rest of the request may still be on its way."""
        super().__init__(detail, headers={"Connection": "close"})
