"""The feed of changes: what the public could see change, in order, as JSON, as Atom and as a live stream of events."""
