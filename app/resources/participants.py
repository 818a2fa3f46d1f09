"""Participants: which stakeholder takes which role in a recommendation or a promise."""

from pydantic import BaseModel, ConfigDict, Field

from app.core.field_types import SlugOrId
from app.core.model import Ref
from app.core.vocabulary import Vocabulary, after


@after(
    "IATI OrganisationRole and the OGP's action plans",
    "https://iatistandard.org/en/iati-standard/203/codelists/organisationrole/",
)
class ParticipantRole(Vocabulary):
    """What part a stakeholder has."""

    accountable = "accountable", "Answers for its being done."
    implementing = "implementing", "Does it."
    funding = "funding", "Pays for it."
    supporting = "supporting", "Helps, without answering for it."
    beneficiary = "beneficiary", "Gains from it."


class ParticipantKey(BaseModel):
    """A stakeholder and its role, as they are written."""

    model_config = ConfigDict(extra="forbid")

    stakeholder: SlugOrId = Field(description="The stakeholder, by slug or id.", examples=["government-of-india"])
    role: ParticipantRole = Field(description="What part it has.", examples=["accountable"])


class ParticipantRead(BaseModel):
    """A stakeholder and its role."""

    stakeholder: Ref = Field(description="The stakeholder.")
    role: ParticipantRole = Field(description="What part it has.")
