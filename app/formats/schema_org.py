"""What the resources are in the words of schema.org, with SKOS, PROV-O, CiTO and Web Annotation where it has none.

A field that no word fits becomes an ``additionalProperty``, under its own name: nothing is lost.
"""

from collections.abc import Mapping

CONTEXT: Mapping[str, object] = {
    "@vocab": "https://schema.org/",
    "cito": "http://purl.org/spar/cito/",
    "oa": "http://www.w3.org/ns/oa#",
    "prov": "http://www.w3.org/ns/prov#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    **{name: {"@type": "@id"} for name in ("actionStatus", "archivedAt", "eventStatus", "license", "url")},
    **{
        name: {"@type": "Date"}
        for name in (
            "contentReferenceTime",
            "dateCreated",
            "datePublished",
            "endDate",
            "foundingDate",
            "scheduledTime",
            "startDate",
            "startTime",
        )
    },
    "created": {"@id": "dateCreated", "@type": "DateTime"},
    "dateModified": {"@type": "DateTime"},
    "author": {"@container": "@list"},
}
"""The context, whole in each file: a reader need fetch nothing to understand it."""

TYPES: Mapping[str, str] = {
    "challenges": "CreativeWork",
    "citations": "oa:Annotation",
    "commitments": "Action",
    "dialogues": "EventSeries",
    "indicators": "StatisticalVariable",
    "meetings": "Event",
    "milestones": "Action",
    "observations": "Observation",
    "partnerships": "Project",
    "recommendations": "Recommendation",
    "sources": "CreativeWork",
    "stakeholders": "Organization",
    "themes": "DefinedTerm",
    "updates": "CreativeWork",
}
"""The type of a resource's records, where :data:`NARROWER` has none that says more."""

NARROWER: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "sources": (
        "type",
        {
            "article": "ScholarlyArticle",
            "article-journal": "ScholarlyArticle",
            "article-magazine": "Article",
            "article-newspaper": "NewsArticle",
            "bill": "Legislation",
            "book": "Book",
            "chapter": "Chapter",
            "dataset": "Dataset",
            "legislation": "Legislation",
            "manuscript": "Manuscript",
            "map": "Map",
            "motion_picture": "Movie",
            "paper-conference": "ScholarlyArticle",
            "periodical": "Periodical",
            "post": "SocialMediaPosting",
            "post-weblog": "BlogPosting",
            "regulation": "Legislation",
            "report": "Report",
            "review": "Review",
            "review-book": "Review",
            "software": "SoftwareApplication",
            "thesis": "Thesis",
            "webpage": "WebPage",
        },
    ),
    "stakeholders": (
        "kind",
        {
            "academic": "EducationalOrganization",
            "country": "Country",
            "government": "GovernmentOrganization",
            "international_ngo": "NGO",
            "local_government": "GovernmentOrganization",
            "media": "NewsMediaOrganization",
            "national_ngo": "NGO",
            "other_public": "GovernmentOrganization",
            "partner_country_ngo": "NGO",
            "person": "Person",
            "private_sector": "Corporation",
        },
    ),
}
"""The field that says more of what a record is, and the type by its value."""

COMMON: Mapping[str, str] = {
    "title": "name",
    "name": "name",
    "summary": "abstract",
    "description": "description",
    "partnership": "isPartOf",
    "themes": "about",
    "url": "url",
    "language": "inLanguage",
}
"""The property of a field, whatever the resource."""

PROPERTIES: Mapping[str, Mapping[str, str]] = {
    "challenges": {"identified_on": "dateCreated"},
    "citations": {"note": "oa:hasBody"},
    "commitments": {
        "statement": "description",
        "recommendations": "isBasedOn",
        "participants": "participant",
        "reporters": "contributor",
        "made_on": "startTime",
        "due_on": "scheduledTime",
        "meeting": "prov:wasGeneratedBy",
        "indicator": "variableMeasured",
        "supersedes": "prov:wasRevisionOf",
    },
    "dialogues": {"started_on": "startDate"},
    "indicators": {"unit": "unitText"},
    "meetings": {"dialogue": "superEvent", "held_on": "startDate", "place": "location"},
    "milestones": {"commitment": "isPartOf", "due_on": "scheduledTime", "met_on": "endDate"},
    "observations": {"indicator": "variableMeasured", "value": "value", "source": "isBasedOn"},
    "partnerships": {"established_on": "foundingDate"},
    "recommendations": {"challenges": "itemReviewed", "participants": "participant"},
    "sources": {
        "publisher": "publisher",
        "container_title": "isPartOf",
        "issued": "datePublished",
        "doi": "identifier",
        "archive_url": "archivedAt",
        "authors": "author",
    },
    "stakeholders": {"other_names": "alternateName", "parent": "parentOrganization"},
    "themes": {"parent": "skos:broader"},
    "updates": {
        "narrative": "text",
        "commitment": "about",
        "milestone": "mentions",
        "occurred_on": "contentReferenceTime",
        "recorded_on": "datePublished",
        "reported_by": "creator",
    },
}
"""The property of a field of one resource."""

NAMED: Mapping[str, str] = {"container_title": "CreativeWork", "place": "Place", "publisher": "Organization"}
"""The type of what a field only names."""

ROLES: Mapping[str, str] = {"accountable": "agent", "implementing": "agent", "funding": "funder"}
"""The property of a participant by its role; ``participant`` for all others."""

STATUSES: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "commitments": (
        "completion",
        "actionStatus",
        {
            "not_started": "PotentialActionStatus",
            "limited": "ActiveActionStatus",
            "substantial": "ActiveActionStatus",
            "complete": "CompletedActionStatus",
        },
    ),
    "milestones": (
        "status",
        "actionStatus",
        {"scheduled": "PotentialActionStatus", "met": "CompletedActionStatus", "not_met": "FailedActionStatus"},
    ),
    "meetings": (
        "status",
        "eventStatus",
        {
            "planned": "EventScheduled",
            "held": "EventScheduled",
            "postponed": "EventPostponed",
            "cancelled": "EventCancelled",
        },
    ),
}
"""The field, the property and the value of schema.org where it has one for how things stand."""

INTENTS: Mapping[str, str] = {
    "evidence": "cito:citesAsEvidence",
    "data_source": "cito:citesAsDataSource",
    "disputes": "cito:disputes",
    "confirms": "cito:confirms",
    "context": "cito:citesForInformation",
}
"""The property from a record to a source by the intent of the citation."""

IDENTIFIERS: Mapping[str, str] = {
    "wikidata": "http://www.wikidata.org/entity/",
    "ror": "https://ror.org/",
    "isni": "https://isni.org/isni/",
}
"""What an identifier in another register follows, to be the address of the same thing there."""
