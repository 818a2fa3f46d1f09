"""How long a connection may take for what, and how many there may be."""

from dataclasses import dataclass

from app.settings import Settings


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How long a connection may take for what, in seconds, and how many there may be."""

    headers: float
    unread: float
    connections: int
    lingering: float = 0.5
    """For how long a connection that is idle is kept when the server stops, for a request that is on its way."""
    waiting: int = 16
    """Requests that may wait on one connection for the response to one before them."""

    @property
    def most(self) -> int:
        """Connections beyond which one is closed at once, without waiting for what it sends."""
        return self.connections + max(16, self.connections // 4)


def connection_limits_of(settings: Settings) -> ConnectionLimits:
    """What an operator has decided."""
    return ConnectionLimits(settings.header_seconds, settings.stalled_seconds, settings.connections)
