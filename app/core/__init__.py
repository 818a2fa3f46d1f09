"""The generic half of the register: knows no resource by name.

Everything here works on *declared* resources (``app.core.resource.Resource``). Resources and views import core; core
imports neither.
"""
