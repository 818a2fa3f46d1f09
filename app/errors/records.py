"""Problems of a request against what the register holds."""

from app.errors.problem import Problem


class NotFound(Problem):
    """No record, page or route has this address. A record that may not be seen answers in the same way."""

    status = 404
    name = "not-found"
    title = "There is no such thing here"
    remedy = "Check the slug or id; `/v1` lists every resource."


class Conflict(Problem):
    """The change contradicts what the register holds: a slug is taken, or other records rest on this one."""

    status = 409
    name = "conflict"
    title = "The change conflicts with the register"
    remedy = "`detail` says with what; change that first, or choose another slug."


class AppendOnly(Conflict):
    """The log of a promise is only added to, so that what was said at the time can always be seen."""

    name = "append-only"
    title = "An update is not edited once it is published"
    remedy = "Record the correction as a new update, or withdraw this one."


class Gone(Problem):
    """The record was published once and has been withdrawn."""

    status = 410
    name = "gone"
    title = "This record was withdrawn"
    remedy = "Remove links to it."


class StaleRevision(Problem):
    """`If-Match` names a revision that is no longer the record's, or `If-None-Match: *` met an existing record."""

    status = 412
    name = "precondition-failed"
    title = "The record is not as the request expects"
    remedy = "Read the record again, apply the change to what it now says, and send its new ETag."


class KeyReused(Problem):
    """The same `Idempotency-Key` came with another body or path within 24 hours."""

    status = 422
    name = "idempotency-key-reused"
    title = "This Idempotency-Key was used for another request"
    remedy = "Use a new key for a new request; repeat the same request to have its first response again."


class PreconditionRequired(Problem):
    """To change an existing record, say which revision of it you have seen, so that no edit is lost."""

    status = 428
    name = "precondition-required"
    title = "If-Match is required"
    remedy = "Read the record, and send its `ETag` as `If-Match`."
