"""Pages of lists and records: the same records as the API, by the same query, with the same visibility."""

import html
import re

import httpx
import pytest

HTML = {"Accept": "text/html"}


def shown(path: str, client: httpx.Client, status: int = 200) -> str:
    response = client.get(path, headers=HTML)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return html.unescape(response.text)


def titles(page: str) -> list[str]:
    """The addresses of the rows of a list."""
    results = page.partition('aria-label="Results"')[2]
    return re.findall(r'<a class="title" href="([^"]+)"', results)


def test_every_record_has_the_page_that_it_names(anonymous: httpx.Client) -> None:
    for name in anonymous.get("/v1").json()["resources"]:
        for record in anonymous.get(f"/v1/{name}", params={"limit": 3}).json()["data"]:
            page = shown(record["html_url"], anonymous)
            assert "<h1" in page, record["html_url"]
            assert f"/v1/{name}/{record['slug']}" in page


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?completion=complete&completion=limited&sort=due_on",
        "?q=trade",
        "?overdue=true",
        "?due_on__lt=2020&partnership=india-south-korea&limit=5",
    ],
)
def test_a_page_lists_what_the_api_lists(query: str, anonymous: httpx.Client) -> None:
    listed = anonymous.get(f"/v1/commitments{query}").json()
    page = shown(f"/commitments{query}", anonymous)
    assert titles(page) == [record["html_url"] for record in listed["data"]]
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert bool(following) == bool(listed["next"])
    if following and listed["next"]:
        rest = titles(shown(following[1], anonymous))
        assert rest == [record["html_url"] for record in anonymous.get(listed["next"]).json()["data"]]


def test_a_page_lists_what_there_was(anonymous: httpx.Client) -> None:
    query = "?as_of=2030-01-01T00:00:00Z&sort=title"
    listed = anonymous.get(f"/v1/challenges{query}").json()
    page = shown(f"/challenges{query}", anonymous)
    assert "As the register stood on 1 January 2030" in page
    assert titles(page) == [record["html_url"] for record in listed["data"]]


def test_what_a_revision_changed_is_shown(anonymous: httpx.Client) -> None:
    page = shown("/challenges/trade-imbalance/history", anonymous)
    assert "Revision 1" in page
    assert "The record was entered." in shown("/challenges/trade-imbalance/history?revision=1", anonymous)
    assert shown("/challenges/trade-imbalance/history?revision=999", anonymous, 404)
    assert shown("/challenges/trade-imbalance/history?revision=x", anonymous, 400)


def test_the_counts_beside_the_filters_are_what_choosing_them_would_give(anonymous: httpx.Client) -> None:
    page = shown("/commitments?kind=target&completion=limited", anonymous)
    offered = re.findall(r'name="completion" value="(\w+)"( checked)?> [^<]*<span class="count">(\d+)<', page)
    assert offered
    for value, chosen, count in offered:
        params = {"kind": "target", "completion": value, "count": "true", "limit": "1"}
        assert anonymous.get("/v1/commitments", params=params).json()["total"] == int(count)
        assert bool(chosen) == (value == "limited")


def test_the_empty_fields_of_a_form_are_left_out(anonymous: httpx.Client) -> None:
    response = anonymous.get("/commitments?q=&sort=&overdue=&theme=trade", headers=HTML)
    assert response.status_code == 303
    assert response.headers["location"] == "/commitments?theme=trade"


def test_a_program_is_sent_to_the_api(anonymous: httpx.Client) -> None:
    for path in ("/commitments?theme=trade", "/commitments/trade-target-50bn-2030", "/partnerships/india-south-korea"):
        response = anonymous.get(path, headers={"Accept": "application/json"})
        assert response.status_code == 303
        assert response.headers["location"] == f"/v1{path}"
        assert "accept" in response.headers["vary"].lower()


def test_a_bad_query_is_a_page_that_names_every_flaw(anonymous: httpx.Client) -> None:
    bad = "/commitments?completion=finished&sevrity=high"
    flaws = anonymous.get(f"/v1{bad}").json()["errors"]
    page = shown(bad, anonymous, 400)
    for flaw in flaws:
        assert flaw["detail"].split(".")[0] in page.replace("<code>", "`").replace("</code>", "`")
    assert anonymous.get(bad, headers={"Accept": "application/json"}).status_code in (303, 400)


@pytest.mark.parametrize("path", ["/commitments/no-such-promise", "/no-such-page", "/partnerships/atlantis"])
def test_what_is_not_there_is_a_page_that_helps(path: str, anonymous: httpx.Client) -> None:
    page = shown(path, anonymous, 404)
    assert 'action="/search"' in page
    assert 'name="robots" content="noindex"' in page


def test_a_page_is_validated_and_not_sent_again(anonymous: httpx.Client) -> None:
    for path in ("/", "/commitments", "/commitments/trade-target-50bn-2030", "/methodology"):
        first = anonymous.get(path, headers=HTML)
        assert first.headers["cache-control"].startswith("public")
        again = anonymous.get(path, headers={**HTML, "If-None-Match": first.headers["etag"]})
        assert again.status_code == 304


def test_hostile_text_is_inert(anonymous: httpx.Client) -> None:
    for path in ("/search?q=<script>alert(1)</script>", "/commitments?q=%22%3E%3Cimg src=x onerror=alert(1)%3E"):
        text = anonymous.get(path, headers=HTML).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_a_draft_has_no_page_and_a_renamed_record_redirects(editor: httpx.Client, anonymous: httpx.Client) -> None:
    draft = editor.post("/v1/themes", json={"name": "A theme in the making"}).json()
    address = draft["html_url"]
    assert "There is no such thing here" in shown(address, anonymous, 404)
    assert "A theme in the making" not in shown("/themes", anonymous)
    assert "A theme in the making" in shown(address, editor)
    assert editor.get(address, headers=HTML).headers["cache-control"] == "private, no-store"
    path = f"/v1/themes/{draft['slug']}"
    published = editor.patch(path, json={"state": "published"}, headers={"If-Match": "*"})
    assert published.status_code == 200, published.text
    assert "A theme in the making" in shown(address, anonymous)
    renamed = editor.patch(path, json={"slug": "a-theme-that-was-made"}, headers={"If-Match": "*"})
    assert renamed.status_code == 200, renamed.text
    redirect = anonymous.get(address, headers=HTML)
    assert redirect.status_code == 308
    assert redirect.headers["location"] == "/themes/a-theme-that-was-made"
    editor.delete("/v1/themes/a-theme-that-was-made", headers={"If-Match": "*"})
    assert "This record was withdrawn" in shown("/themes/a-theme-that-was-made", anonymous, 410)


def test_a_page_of_a_record_is_read_as_it_was(anonymous: httpx.Client) -> None:
    page = shown("/commitments/trade-target-50bn-2030?as_of=2030-01-01T00:00:00Z", anonymous)
    assert "As the register stood on 1 January 2030" in page
    assert shown("/commitments/trade-target-50bn-2030?as_of=yesterday", anonymous, 400)


def test_a_promise_shows_its_chain_its_log_and_its_evidence(anonymous: httpx.Client) -> None:
    slug = "trade-target-50bn-2030"
    page = shown(f"/commitments/{slug}", anonymous)
    for update in anonymous.get("/v1/updates", params={"commitment": slug}).json()["data"]:
        assert update["html_url"] in page
        assert update["narrative"].split("\n")[0] in page
    query = {"subject_type": "commitment", "subject": slug}
    for citation in anonymous.get("/v1/citations", params=query).json()["data"]:
        assert citation["source"]["slug"] in page
        assert (citation["locator"] or "") in page
    assert page.index("/commitments/trade-target-30bn") < page.index("/commitments/trade-target-40bn")
    assert "against the first promise" in page
    assert "Target: 50 by 2030" in page


def test_every_figure_of_a_partnership_opens_the_records_behind_it(anonymous: httpx.Client) -> None:
    page = shown("/partnerships/india-south-korea", anonymous)
    figures = re.search(r'<ul class="figures">.*?</ul>', page, re.S)
    assert figures
    counted = re.search(r'href="(/commitments\?[^"]*overdue=true[^"]*)"[^>]*><strong>(\d+)<', figures[0])
    assert counted
    total = anonymous.get(f"/v1{counted[1]}", params=None).json()
    assert len(total["data"]) == int(counted[2])


def test_a_promise_shows_where_sources_disagree_about_it_and_what_measures_it(anonymous: httpx.Client) -> None:
    page = shown("/commitments/trade-target-50bn-2030", anonymous)
    claims = page.partition('id="disagreement"')[2].partition("</section>")[0]
    disputing = anonymous.get("/v1/citations?intent=disputes&subject_type=observation").json()["data"]
    about = [each for each in disputing if each["subject"]["slug"].startswith("trade-total-kr-cy-")]
    assert about
    for each in about:
        assert f'href="/sources/{each["source"]["slug"]}"' in claims
        assert f'href="/observations/{each["subject"]["slug"]}"' in claims
    assert "US$27.8 billion" in claims
    assert 'href="#disagreement"' in page.partition("<h2")[2]
    assert (
        claims
        == shown("/indicators/trade-total-kr-cy", anonymous)
        .partition('id="disagreement"')[2]
        .partition("</section>")[0]
    )


def test_a_promise_that_no_source_disputes_says_so(anonymous: httpx.Client) -> None:
    page = shown("/commitments/posco-odisha-2005", anonymous)
    assert ('id="disagreement"' in page) != ("No source that is cited here disputes it." in page)


def test_a_citation_can_be_copied_with_its_whole_address(anonymous: httpx.Client) -> None:
    """Without a public address it names a local one, which the script replaces by the reader's own."""
    page = shown("/commitments/trade-target-50bn-2030", anonymous)
    cited = page.partition('class="citation')[2].partition("</p>")[0]
    assert re.search(r"https?://[^ ]+/commitments/trade-target-50bn-2030", cited)
