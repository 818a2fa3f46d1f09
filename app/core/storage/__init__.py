"""Storage: the database, its column types, history and full text."""
