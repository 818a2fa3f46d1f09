"""Problems of who asks: no credential, one that does not reach so far, too many requests."""

from app.errors.problem import Problem


def challenge(error: str | None = None) -> dict[str, str]:
    """The header that names the scheme to use (RFC 9110), and what is wrong with the token that came (RFC 6750)."""
    error_member = f', error="{error}"' if error else ""
    return {"WWW-Authenticate": f'Bearer realm="followthrough"{error_member}'}


class Unauthorized(Problem):
    """Reading what is published needs no credential; writing needs one, and a bad one is never ignored."""

    status = 401
    name = "unauthorized"
    title = "A valid credential is needed"
    remedy = "Send `Authorization: Bearer …` with a valid token, or leave the header out to read."

    def __init__(self, detail: str | None = None, *, error: str | None = None) -> None:
        """Name the scheme to use and, where a token came, the error code of RFC 6750."""
        super().__init__(detail, headers=challenge(error))


class Forbidden(Problem):
    """The credential is valid, but its role does not include what was asked."""

    status = 403
    name = "forbidden"
    title = "This credential may not do that"
    remedy = "Use a credential whose role includes it."


class TooManyRequests(Problem):
    """More requests came from this address, or with this key, than the server takes in the time."""

    status = 429
    name = "too-many-requests"
    title = "There were too many requests"
    remedy = "Wait for the seconds in `Retry-After`; `RateLimit` tells in every response how many requests are left."

    def __init__(self, detail: str | None = None, *, retry_after: int) -> None:
        """Say when to come back, in seconds."""
        super().__init__(detail, headers={"Retry-After": str(retry_after)})
