"""Writing: every change of a record, and what follows from it."""
