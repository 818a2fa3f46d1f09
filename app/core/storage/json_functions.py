"""JSON in SQL, alike on both databases: what is no JSON, or not of the form looked for, is null and fails no query."""

import sqlalchemy as sa

from app.core.storage.sql_functions import sql_function

only_json = sql_function("only_json", sa.JSON(), sqlite=lambda json: f"CASE WHEN json_valid({json}) THEN {json} END")
"""``only_json(column)``: JSON to look into. SQLite stores any text as such, which would fail the whole query."""

only_list = sql_function(
    "only_list",
    sa.JSON(),
    sqlite=lambda json: f"CASE WHEN json_valid({json}) THEN CASE json_type({json}) WHEN 'array' THEN {json} END END",
    postgresql=lambda json: f"CASE json_typeof({json}) WHEN 'array' THEN {json} END",
)
"""``only_list(column)``: a list in JSON, to take its members from."""
