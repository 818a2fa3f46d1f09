"""The HTTP server and what watches it: connections, shutdown, logs, metrics, traces."""
