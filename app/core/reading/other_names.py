"""What other APIs call our parameters: a client that knows one of them is told our word for it."""

import re
from collections.abc import Collection

from app.core.flaws import nearest

_OURS: dict[str, tuple[str, ...]] = {
    "cursor": (
        *(
            "page",
            "offset",
            "skip",
            "start",
            "page_token",
            "next_token",
            "continuation",
            "after",
            "next",
            "next_cursor",
        ),
        *("page_number", "starting_after", "start_index", "p"),
    ),
    "limit": ("per_page", "page_size", "size", "count_per_page", "max_results", "top", "take", "first", "rows", "n"),
    "q": ("search", "query", "text", "term", "keyword", "keywords", "filter", "fulltext", "full_text", "search_query"),
    "sort": ("order_by", "ordering", "order", "sort_by", "orderby", "sortby", "sorting"),
    "include": ("expand", "embed", "embedded", "with", "populate", "includes", "preload", "relations"),
    "fields": ("select", "columns", "only", "attributes", "properties", "field", "props"),
    "facets": ("facet", "group_by", "aggregate", "aggregations", "aggs", "groupby"),
    "by": ("facet", "facets", "group_by", "dimensions", "groupby"),
    "count": ("total", "with_count", "include_total", "inline_count", "total_count"),
    "as_of": ("at", "version", "date", "timestamp", "snapshot", "valid_at", "as_at", "on"),
    "since": ("after", "from", "seq", "cursor", "offset", "last_event_id"),
    "lang": ("language", "locale", "hl"),
    "type": ("resource", "kind", "types", "resources", "in"),
    "partnership": ("partner", "bilateral", "partnerships"),
    "slug": ("name", "key", "slugs"),
    "id": ("ids", "uuid", "identifier"),
}

_SUFFIXES: dict[str, str] = {
    **dict.fromkeys(("eq", "is", "in", "any", "exact"), ""),
    **dict.fromkeys(("not", "neq", "nin", "not_in", "exclude"), "ne"),
    **dict.fromkeys(("before", "less_than", "under"), "lt"),
    **dict.fromkeys(("max", "to", "until", "le", "till", "at_most"), "lte"),
    **dict.fromkeys(("after", "greater_than", "over"), "gt"),
    **dict.fromkeys(("min", "from", "since", "ge", "at_least"), "gte"),
    **dict.fromkeys(("like", "ilike", "icontains", "search", "match", "has"), "contains"),
    **dict.fromkeys(("null", "is_null", "empty", "unset"), "isnull"),
}


def right_name(name: str, known: Collection[str]) -> str:
    """A hint at our word for an unknown parameter, where there is one."""
    plain = _snake_case(name)
    if plain in known:
        return f" Did you mean {plain}?"
    for ours, others in _OURS.items():
        if ours in known and plain in others:
            return f" Did you mean {ours}?"
    if (ours := _with_our_suffix(plain)) in known:
        return f" Did you mean {ours}?"
    return nearest(plain, known)


def _snake_case(name: str) -> str:
    """``orderBy``, ``order-by``, ``$orderby`` and ``page[size]`` as we would write them."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.lstrip("$_"))
    plain = re.sub(r"\[([A-Za-z_$]*)\]$", lambda found: f"__{found[1].lstrip('$')}" if found[1] else "", plain)
    plain = plain.replace("-", "_").replace(".", "__").lower()
    return {"page__size": "page_size", "page__number": "page", "page__limit": "page_size"}.get(plain, plain)


def _with_our_suffix(plain: str) -> str:
    """``due_on_before`` and ``due_on__before`` as ``due_on__lt``."""
    for suffix, ours in _SUFFIXES.items():
        for joint in ("__", "_"):
            if plain.endswith(f"{joint}{suffix}"):
                field = plain.removesuffix(f"{joint}{suffix}")
                return f"{field}__{ours}" if ours else field
    field, _, operator = plain.rpartition("_")
    return f"{field.rstrip('_')}__{operator}"
