"""Every module that declares a table, so that the models are complete."""

import app.api.idempotency
import app.core.storage.full_text
import app.core.storage.leases
import app.operations.links.looks
import app.operations.prepare
import app.operations.webhooks.store
import app.resources
import app.security.keys  # noqa: F401
