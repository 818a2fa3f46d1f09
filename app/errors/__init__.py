"""The kinds of problem that the register can answer (RFC 9457): one class each, and each has a page that explains it.

Code raises a :class:`Problem`. How one is sent over HTTP is said in ``app.api.problems``.
"""

from app.errors.access import Forbidden, TooManyRequests, Unauthorized, challenge
from app.errors.problem import Flaw, Problem
from app.errors.records import AppendOnly, Conflict, Gone, KeyReused, NotFound, PreconditionRequired, StaleRevision
from app.errors.requests import (
    BadCursor,
    BadQuery,
    HeadersTooLarge,
    ImportRefused,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotAcceptable,
    RangeNotSatisfiable,
    RequestTimeout,
    TooLarge,
    UnsupportedMediaType,
)
from app.errors.service import DamagedRecord, Internal, OutcomeUnknown, Overloaded, Unavailable

ALL: tuple[type[Problem], ...] = (
    BadQuery,
    BadCursor,
    Malformed,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    RequestTimeout,
    Conflict,
    AppendOnly,
    Gone,
    StaleRevision,
    TooLarge,
    UnsupportedMediaType,
    RangeNotSatisfiable,
    Invalid,
    ImportRefused,
    KeyReused,
    PreconditionRequired,
    TooManyRequests,
    HeadersTooLarge,
    Internal,
    DamagedRecord,
    Unavailable,
    OutcomeUnknown,
    Overloaded,
)
"""Every kind, in the order of their statuses."""

__all__ = [
    "ALL",
    "AppendOnly",
    "BadCursor",
    "BadQuery",
    "Conflict",
    "DamagedRecord",
    "Flaw",
    "Forbidden",
    "Gone",
    "HeadersTooLarge",
    "ImportRefused",
    "Internal",
    "Invalid",
    "KeyReused",
    "Malformed",
    "MethodNotAllowed",
    "NotAcceptable",
    "NotFound",
    "OutcomeUnknown",
    "Overloaded",
    "PreconditionRequired",
    "Problem",
    "RangeNotSatisfiable",
    "RequestTimeout",
    "StaleRevision",
    "TooLarge",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "UnsupportedMediaType",
    "challenge",
]
