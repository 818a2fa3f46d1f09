"""What a program does with the client that openapi-python-client makes: list, page, filter, create and patch.

Arguments: the address of a server, and a key of an editor. The generated package is on the path.
"""

import sys
from uuid import uuid4

from followthrough_client import AuthenticatedClient, Client
from followthrough_client.api.commitments import list_commitments
from followthrough_client.api.themes import create_theme, get_theme, update_theme
from followthrough_client.models import CommitmentList, Problem, Theme, ThemeCreate, ThemeUpdate

url, token = sys.argv[1:]

with Client(base_url=url) as anybody:
    slugs: list[str] = []
    cursor = None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        page = list_commitments.sync(client=anybody, overdue=True, limit=5, **more)
        assert isinstance(page, CommitmentList), page
        assert all(promise.overdue for promise in page.data)
        slugs += [promise.slug for promise in page.data]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(slugs) == len(set(slugs)) > 5

    narrowed = list_commitments.sync(client=anybody, slug=slugs[:2])
    assert isinstance(narrowed, CommitmentList)
    assert {promise.slug for promise in narrowed.data} == set(slugs[:2])

    missing = get_theme.sync(client=anybody, slug="there-is-no-such-theme")
    assert isinstance(missing, Problem)
    assert missing.status == 404

with AuthenticatedClient(base_url=url, token=token) as editor:
    created = create_theme.sync_detailed(client=editor, body=ThemeCreate(name=f"A theme {uuid4().hex}"))
    assert isinstance(created.parsed, Theme), created.content
    changed = update_theme.sync(
        created.parsed.slug,
        client=editor,
        body=ThemeUpdate(description="Changed."),
        if_match=created.headers["etag"],
    )
    assert isinstance(changed, Theme), changed
    assert changed.description == "Changed."

print(f"{len(slugs)} overdue promises")
