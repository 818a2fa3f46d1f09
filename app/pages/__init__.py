"""Pages for people: routes, templates and static files."""
