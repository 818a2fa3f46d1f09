"""What a table must say, as the JSON of a list says it."""

from typing import Any


def cells(name: str, value: Any) -> dict[str, str]:
    """What stands in the columns of a field for a value of the JSON list, put independently of the code under test.

    A field that is unset has whatever columns it has, each of them empty.
    """
    if value is None:
        return {}
    if isinstance(value, dict) and "type" in value:
        return {f"{name}.type": value["type"], f"{name}.slug": value["slug"]}
    if isinstance(value, dict) and "slug" in value:
        return {name: value["slug"]}
    if isinstance(value, dict):
        parts = value.items()
        return {
            column: text
            for inner, each in parts
            for column, text in (
                cells(f"{name}.{inner}", each) if isinstance(each, dict) else {f"{name}.{inner}": each or ""}
            ).items()
        }
    if isinstance(value, list):
        return {name: "; ".join(item(each) for each in value)}
    if isinstance(value, bool):
        return {name: "true" if value else "false"}
    return {name: str(value)}


def item(value: Any) -> str:
    """An item of a list as it stands in a cell."""
    match value:
        case str():
            return value
        case {"role": role, "stakeholder": stakeholder}:
            return f"{role}={stakeholder['slug']}"
        case {"literal": literal}:
            return f"{{{literal}}}" if "," in literal else str(literal)
        case {"family": family, "given": given}:
            return f"{family}, {given}"
    return str(value["slug"])
