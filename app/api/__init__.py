"""The generic half over HTTP: a declared resource in, its routes out."""
