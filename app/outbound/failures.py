"""Why an address was not asked, or did not respond, in words of ours that an operator or editor can read."""


class OutboundError(Exception):
    """Nothing usable came back. The message goes on from "it", such as "it did not answer within 5 s"."""


class NotPublic(OutboundError):
    """The address leads into a network that is not public; no connection was made."""

    def __init__(self) -> None:
        """Say so, without the address, which would tell about the network."""
        super().__init__("it leads to an address that is not public")


class NoResponse(OutboundError):
    """There is no connection, or no response over it."""

    def __init__(self, message: str, *, passing: bool) -> None:
        """Say why, and whether it may be otherwise in a while."""
        super().__init__(message)
        self.passing = passing


class TooLong(OutboundError):
    """The response has more bytes than are read."""

    def __init__(self, most: int) -> None:
        """Say how many are."""
        super().__init__(f"it answered with more than {most} bytes")
