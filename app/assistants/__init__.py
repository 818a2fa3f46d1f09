"""Assistants: an MCP server at ``/mcp``, through which language models read the register. It only reads, as anybody.

A tool is a file in ``tools``. Only ``protocol.py`` imports the SDK, and it is imported when the first assistant comes.
"""
