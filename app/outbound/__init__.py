"""What this server asks of others over HTTP: the one door out, and the rules for what goes through it.

Addresses come from people: the link of a source, the receiver of a webhook, the register to mirror, what an identity
provider says of its keys. None may lead into the network that the server stands in. So a name is looked up once, every
answer is checked, and the connection is made to the very address that was checked; nothing is taken from proxies of
the environment, no cookie is kept, and no redirect is followed that the caller does not follow by itself, through the
same check. Time and bytes are bounded.
"""

from app.outbound.client import Outbound, Reply, agent
from app.outbound.failures import NoResponse, NotPublic, OutboundError, TooLong

__all__ = ["NoResponse", "NotPublic", "Outbound", "OutboundError", "Reply", "TooLong", "agent"]
