"""Who is asking: credentials become a :class:`app.core.visibility.Viewer`."""
