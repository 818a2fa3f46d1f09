"""What an operator does: prepare a database, load and export bundles, back up and restore."""
