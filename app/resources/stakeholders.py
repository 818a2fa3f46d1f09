"""Stakeholders: the governments, bodies, firms, institutes and people that take a part."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic import Field as Limits
from sqlmodel import Field, SQLModel
from stdnum import isni as isni_number
from stdnum import lei as lei_number

from app.core.field_types import Country, Line, Prose, WebAddress
from app.core.listing import Listing
from app.core.model import Record, RecordRead, RecordWrite
from app.core.resource import Resource
from app.core.storage.column_types import Document
from app.core.translations import DescriptionTranslations, translated
from app.core.vocabulary import Vocabulary, after


@after(
    "IATI OrganisationType",
    "https://iatistandard.org/en/iati-standard/203/codelists/organisationtype/",
)
class StakeholderKind(Vocabulary):
    """What kind of actor a stakeholder is."""

    government = "government", "A national government or one of its ministries."
    local_government = (
        "local_government",
        "A state, province, city or other government below the national one.",
    )
    other_public = (
        "other_public",
        "A public body that is not a ministry: an agency, bank, embassy or state enterprise.",
    )
    international_ngo = "international_ngo", "A non-governmental organisation that works across countries."
    national_ngo = "national_ngo", "A non-governmental organisation of one country."
    partner_country_ngo = (
        "partner_country_ngo",
        "A non-governmental organisation of the country that receives support.",
    )
    public_private_partnership = (
        "public_private_partnership",
        "A body run by government and business together.",
    )
    multilateral = "multilateral", "An organisation of several governments."
    foundation = "foundation", "A foundation."
    private_sector = "private_sector", "A company, or an association of companies."
    academic = "academic", "A university, or another place of teaching and research."
    think_tank = "think_tank", "An institute that works on policy (our addition)."
    media = "media", "A newspaper, broadcaster or agency (our addition)."
    person = "person", "A single person (our addition)."
    country = "country", "A country as a whole (our addition)."


def _lei(text: str) -> str:
    if not lei_number.is_valid(text):
        raise ValueError("is not a valid LEI: its check digits do not fit")
    return text


def _isni(text: str) -> str:
    if not isni_number.is_valid(text):
        raise ValueError("is not a valid ISNI: its check digit does not fit")
    return text


class Identifiers(BaseModel):
    """What other registers call a stakeholder."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)

    wikidata: Annotated[str, StringConstraints(max_length=20, pattern=r"^Q[1-9][0-9]*$")] | None = Limits(
        default=None, description="Wikidata item.", examples=["Q668"]
    )
    ror: Annotated[str, StringConstraints(pattern=r"^0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}$")] | None = Limits(
        default=None,
        description="Research Organization Registry, without its address.",
        examples=["05apxxy63"],
    )
    lei: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{18}[0-9]{2}$"), AfterValidator(_lei)] | None = Limits(
        default=None, description="Legal Entity Identifier (ISO 17442)."
    )
    isni: Annotated[str, StringConstraints(pattern=r"^[0-9]{15}[0-9X]$"), AfterValidator(_isni)] | None = Limits(
        default=None, description="International Standard Name Identifier (ISO 27729), without spaces."
    )


class StakeholderBase(SQLModel):
    """What is said of a stakeholder."""

    name: Line = Field(description="Its name in English.", schema_extra={"examples": ["Ministry of External Affairs"]})
    other_names: list[Line] = Field(
        default_factory=list,
        max_length=30,
        sa_type=Document,
        description="Other names: abbreviations, former and native names.",
    )
    kind: StakeholderKind = Field(description="What kind of actor it is.", schema_extra={"examples": ["government"]})
    country: Country | None = Field(
        default=None,
        description="Its country, as an ISO 3166-1 alpha-2 code; unset for one of no single country.",
        schema_extra={"examples": ["IN"]},
    )
    url: WebAddress | None = Field(default=None, description="Its own website.")
    description: Prose | None = Field(default=None, description="Who it is, and what part it has.")
    identifiers: Identifiers = Field(
        default_factory=Identifiers, sa_type=Document, description="What other registers call it."
    )
    translations: DescriptionTranslations = translated(DescriptionTranslations)


class Stakeholder(StakeholderBase, Record, table=True):
    """The table of stakeholders."""

    plural: ClassVar[str] = "stakeholders"
    singular: ClassVar[str] = "stakeholder"
    named_by: ClassVar[str] = "name"

    parent_id: UUID | None = Field(
        default=None, foreign_key="stakeholder.id", index=True, description="The larger body it belongs to."
    )


class StakeholderCreate(StakeholderBase, RecordWrite):
    """A stakeholder as a client writes it."""


class StakeholderRead(StakeholderBase, RecordRead):
    """A stakeholder as it is read."""


stakeholders = Resource(
    table=Stakeholder,
    create=StakeholderCreate,
    read=StakeholderRead,
    citable=True,
    listing=Listing(
        filters=("kind", "country", "url"),
        members={"other_name": "other_names"},
        sort=("kind", "country"),
        order=("name",),
        facets=("kind", "country", "parent"),
    ),
    searchable=("name", "other_names", "description"),
    examples={
        "key": "government-of-india",
        "name__contains": "ministry",
        "country": "IN",
        "url__contains": "gov.in",
        "other_name": "KIEP",
        "create": {
            "name": "Indian Space Research Organisation",
            "other_names": ["ISRO"],
            "kind": "other_public",
            "country": "IN",
            "url": "https://www.isro.gov.in/",
            "parent": "government-of-india",
        },
        "patch": {"url": "https://www.india.gov.in/"},
    },
)
