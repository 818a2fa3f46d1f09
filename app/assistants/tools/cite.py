"""How a record, or a source, is cited."""

from pydantic import Field

from app import LICENCE_URL
from app.assistants.tool import Call, ToolResult, tool
from app.assistants.tools.get_record import RecordQuestion
from app.formats.format import File
from app.pages import citing
from app.pages.fields import name_of
from app.resources import CATALOGUE


class Citation(ToolResult):
    """A record as it is cited."""

    text: str = Field(description="A sentence to cite it with: what it says at this revision, and where.")
    page: str = Field(description="Its page.")
    revision: int = Field(description="The number of its version; the record can be read at it later too.")
    bibtex: str = Field(description="For LaTeX. Of a source, it cites the source itself.")
    ris: str = Field(description="For reference managers such as Zotero.")
    licence: str = Field(description="What the register's records can be reused under.")


@tool("cite", "Cite a record")
def run(call: Call, question: RecordQuestion) -> Citation:
    """How to cite a record of the register, or one of its sources: a sentence, BibTeX and RIS, with the revision, so
    that a reader finds exactly what you read.
    """
    resource = CATALOGUE.by_singular[question.type]
    located, record = call.find(resource, question.slug)
    context = call.read.context
    file = File(resource, base=call.base, licence=LICENCE_URL, register=context.register_id)
    files = {name: b"".join(context.formats[name].write(file, [[record]])).decode() for name in ("bib", "ris")}
    name = name_of(resource.name, record)
    return Citation(
        text=citing.citation(resource.name, record, name, call.register.reader.today, call.base),
        page=call.address(record["html_url"]),
        revision=located.revision,
        bibtex=files["bib"],
        ris=files["ris"],
        licence=LICENCE_URL,
    )
