"""Spreadsheets and reference managers' files over HTTP: the plan, cell by cell; and what README promises of it."""

import io
import re
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from tests.support.editor import SOURCE, Editor, fresh
from tests.support.register import Register
from tests.support.server import ROOT

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"


def sent(client: httpx.Client, path: str, body: bytes | str, media_type: str) -> httpx.Response:
    """Send a file."""
    return client.post(path, content=body, headers={"Content-Type": media_type})


def workbook(*rows: list[Any], sheet: str) -> bytes:
    """A workbook of one sheet."""
    out = io.BytesIO()
    with Workbook(out, {"strings_to_formulas": False}) as book:
        table = book.add_worksheet(sheet)
        for number, cells in enumerate(rows):
            table.write_row(number, 0, cells)
    return out.getvalue()


@pytest.fixture
def at_work(editor: httpx.Client, anonymous: httpx.Client) -> Editor:
    """An editor with a partnership of its own."""
    own = Editor(editor, anonymous)
    own.make("partnerships", slug=own.partnership, name="A partnership", parties=["IN", "KR"])
    return own


def test_readme_s_three_steps_make_twenty_promises(at_work: Editor) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("### Twenty new promises from a spreadsheet in three steps")[2].partition("\n## ")[0]
    (template,) = re.findall(r"http://127\.0\.0\.1:8000(/v1/commitments\.xlsx\?\S+?)>", section)
    (trial,) = re.findall(r"curl 'localhost:8000(/v1/import\?\S+?)'", section)
    (media_type,) = re.findall(r"-H 'Content-Type: (\S+)'", section)
    # The sheet is filled in as it comes: each promise in a row below the names of its columns.
    book = CalamineWorkbook.from_filelike(io.BytesIO(at_work.client.get(template).content))
    (head,) = book.get_sheet_by_name("commitments").to_python()
    stem = fresh("sheet")
    filled = [
        {"partnership": at_work.partnership, "title": f"Promise {number}", "kind": "Target", "slug": f"{stem}-{number}"}
        | {"due_on": "2030-12", "state": "published", "citations": SOURCE}
        for number in range(20)
    ]
    raw = workbook(head, *([row.get(name, "") for name in head] for row in filled), sheet="commitments")
    planned = sent(at_work.client, trial, raw, media_type).json()
    assert planned["totals"] | {"created": 20} == planned["totals"]
    assert not planned["stored"]
    stored = sent(at_work.client, trial.replace("&dry_run=true", ""), raw, media_type).json()
    assert stored["stored"]
    promises = at_work.everybody.get(f"/v1/commitments.json?partnership={at_work.partnership}").json()
    assert {promise["title"] for promise in promises} == {row["title"] for row in filled}
    assert {promise["due_on"] for promise in promises} == {"2030-12"}
    assert promises[0]["sources"][0]["slug"] == SOURCE
    again = sent(at_work.client, trial.replace("&dry_run=true", ""), raw, media_type).json()
    assert again["totals"] | {"created": 0, "changed": 0, "refused": 0} == again["totals"]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_edited_export_changes_what_was_edited(at_work: Editor, ending: str) -> None:
    stem = fresh("edited")
    slugs = [at_work.promise(slug=f"{stem}-{number}", title=f"=Promise {number}") for number in range(3)]
    path = f"/v1/commitments.{ending}?partnership={at_work.partnership}&sort=slug"
    raw = at_work.client.get(path).content
    media_type = XLSX if ending == "xlsx" else CSV
    unchanged = sent(at_work.client, "/v1/import?resource=commitments", raw, media_type).json()
    assert unchanged["totals"] | {"unchanged": 3, "changed": 0, "refused": 0} == unchanged["totals"]
    if ending == "xlsx":
        rows = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0).to_python()
        head = rows[0]
        rows[1][head.index("due_on")] = "2031-05"
        rows.append(["" for _ in head])
        rows[-1][head.index("title")], rows[-1][head.index("kind")] = "A new one", "target"
        rows[-1][head.index("partnership")] = at_work.partnership
        edited: bytes = workbook(*rows, sheet="commitments")
    else:
        head_line, first, *rest = raw.decode().removesuffix("\r\n").split("\r\n")
        head = head_line.split(",")
        cells = first.split(",")
        cells[head.index("due_on")] = "2031-05"
        new = dict.fromkeys(head, "") | {"title": "A new one", "kind": "target", "partnership": at_work.partnership}
        edited = "\r\n".join([head_line, ",".join(cells), *rest, ",".join(new.values())]).encode()
    plan = sent(at_work.client, "/v1/import?resource=commitments", edited, media_type).json()
    assert plan["totals"] | {"changed": 1, "created": 1, "unchanged": 2, "refused": 0} == plan["totals"]
    (changed,) = (entry for entry in plan["records"] if entry["outcome"] == "changed")
    assert changed["slug"] == slugs[0]
    assert changed["changes"] == [{"field": "due_on", "old": None, "new": "2031-05"}]
    # The export is old by now: what was edited since is not overwritten.
    stale = sent(at_work.client, "/v1/import?resource=commitments&dry_run=true", raw, media_type).json()
    assert stale["totals"]["refused"] == 1
    assert stale["records"][0]["row"] == 2


@pytest.mark.parametrize("revision", ["1,0", "x", "-1", "0", "9" * 12, "9" * 30, "1"])
def test_a_row_without_a_good_revision_overwrites_nothing(at_work: Editor, revision: str) -> None:
    slug = at_work.promise(slug=fresh("seen"), title="As it was")
    promise = at_work.client.get(f"/v1/commitments/{slug}")
    changed = at_work.client.patch(
        f"/v1/commitments/{slug}",
        json={"title": "As somebody wrote meanwhile"},
        headers={"If-Match": promise.headers["etag"], "Content-Type": "application/merge-patch+json"},
    )
    assert changed.status_code == 200
    for head, row in (("slug", slug), ("id,slug", f"{promise.json()['id']},{slug}")):
        raw = f'{head},revision,title\n{row},"{revision}",As I have it\n'.encode()
        plan = sent(at_work.client, "/v1/import?resource=commitments&dry_run=true", raw, CSV).json()
        assert plan["totals"]["refused"] == 1, plan
        (flaw,) = plan["records"][0]["errors"]
        assert flaw.get("column", "").endswith("(revision)") or "revision 2, the file has 1" in flaw["detail"]


def test_a_row_with_a_revision_and_no_record_makes_a_new_one(at_work: Editor) -> None:
    slug = fresh("new")
    raw = f"slug,revision,title,kind,partnership\n{slug},7,A new one,target,{at_work.partnership}\n".encode()
    assert sent(at_work.client, "/v1/import?resource=commitments", raw, CSV).json()["totals"]["created"] == 1
    assert at_work.client.get(f"/v1/commitments/{slug}").json()["revision"] == 1


def test_each_flaw_is_named_with_its_cell(at_work: Editor) -> None:
    promise = at_work.promise()
    head = "commitment,occurred_on,narrative,sets.completion,score\n"
    good = f"{promise},2026-01,It began.,,\n"
    bad = f"{promise},yesterday,It went on.,Begun,7\nnowhere,2026-01,Lost.,,\n"
    response = sent(at_work.client, "/v1/import?resource=updates", head + good + bad, CSV)
    assert response.status_code == 422
    found = {(error.get("row"), error.get("column")) for error in response.json()["errors"]}
    assert {(3, "B (occurred_on)"), (3, "D (sets.completion)"), (3, "E (score)")} <= found
    assert (4, "A (commitment)") in found
    assert at_work.everybody.get(f"/v1/updates?commitment={promise}").json()["data"] == []


def test_a_file_that_cannot_be_read_is_refused_with_its_place(editor: httpx.Client) -> None:
    for query, body, media_type, said in (
        ("resource=themes", "nam,description\na,b\n", CSV, "Did you mean name?"),
        ("resource=themes", b"\xff\xfa\n", CSV, "UTF-8"),
        ("resource=themes", "name\na\n", XLSX, "not a workbook"),
    ):
        response = sent(editor, f"/v1/import?{query}", body, media_type)
        assert response.status_code == 422, response.text
        assert said in response.text
    for query, media_type in (("", CSV), ("resource=themen", CSV), ("resource=themes", "application/jsonl")):
        assert sent(editor, f"/v1/import?{query}", "name\na\n", media_type).status_code == 400, query
    response = sent(editor, "/v1/import?resource=themes&mode=mirror&dry_run=true", "name\na\n", CSV)
    assert response.status_code == 400
    assert "mirror" in response.text


def test_a_library_comes_in_once(editor: httpx.Client, anonymous: httpx.Client) -> None:
    key = fresh("kim")
    doi, url = f"10.1000/{key}", f"https://example.org/{key}"
    said = f"title = {{A {{Title}}}}, author = {{Kim, Jin-yu}}, year = 2020, doi = {{{doi}}}, url = {{{url}}}"
    bib = f"@article{{{key}, {said}}}\n"
    first = sent(editor, "/v1/sources/import", bib, "application/x-bibtex").json()
    assert [(entry["slug"], entry["outcome"], entry["row"]) for entry in first["records"]] == [(key, "created", 1)]
    # Another program has another key for it, and a better title; it is the same source.
    ris = f"TY  - INPR\nID  - other\nTI  - A Better Title\nDO  - {doi.upper()}\nER  - \n"
    (entry,) = sent(editor, "/v1/sources/import", ris, "application/x-research-info-systems").json()["records"]
    assert (entry["slug"], entry["outcome"]) == (key, "changed")
    assert [change["field"] for change in entry["changes"]] == ["title"]
    csl = f'[{{"id": "third", "type": "webpage", "title": "A Better Title", "URL": "{url}"}}]'
    plan = sent(editor, "/v1/sources/import?dry_run=true", csl, "application/vnd.citationstyles.csl+json").json()
    assert (plan["stored"], plan["records"][0]["slug"]) == (False, key)
    assert anonymous.get(f"/v1/sources/{key}").status_code == 404
    for broken, row in ((bib + "@misc{open, title = {x\n", 2), ("Dear all,\n", 1)):
        response = sent(editor, "/v1/sources/import", broken, "application/x-bibtex")
        assert (response.status_code, response.json()["errors"][0]["row"]) == (422, row)


def test_only_an_editor_brings_files_in(register: Register) -> None:
    for path, media_type in (("/v1/import?resource=themes", CSV), ("/v1/sources/import", "application/x-bibtex")):
        headers = {"Content-Type": media_type}
        assert register.request("POST", path, content=b"", headers=headers).status_code == 401
        assert (
            register.request("POST", path, headers={**headers, **register.authorization}, content=b"").status_code
            == 422
        )
        wrong = {"Content-Type": "image/png", **register.authorization}
        assert register.request("POST", path, headers=wrong, content=b"").status_code == 415
