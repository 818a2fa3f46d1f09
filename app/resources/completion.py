"""The words in which it is said how far a promise has come: of the work on it, and of what it was to bring."""

from app.core.vocabulary import Vocabulary, after


@after("IATI ActivityStatus", "https://iatistandard.org/en/iati-standard/203/codelists/activitystatus/")
class Lifecycle(Vocabulary):
    """Where the work on a promise stands."""

    pipeline = "pipeline", "Being thought about or planned."
    implementation = "implementation", "Being carried out."
    finalisation = "finalisation", "Carried out, with something left to settle."
    closed = "closed", "Ended: carried out, or no longer pursued."
    suspended = "suspended", "Interrupted for the time being."
    cancelled = "cancelled", "Called off."


@after("OGP, commitment completion", "https://www.opengovpartnership.org/irm-guidance-overview/")
class Completion(Vocabulary):
    """How much of a promise has been fulfilled. Not assessed, no evidence, not started: three different things."""

    not_assessed = "not_assessed", "Nobody has looked yet."
    no_evidence_available = "no_evidence_available", "Somebody looked, and found nothing that tells."
    not_started = "not_started", "There is evidence that nothing has been done."
    limited = "limited", "Something has been done, less than half."
    substantial = "substantial", "Most of it has been done."
    complete = "complete", "All of it has been done."
