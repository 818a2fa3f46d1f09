"""The frames of a page: where each is, how large, and the line of HTML that shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Embed:
    """A frame: its address, its size in CSS pixels, and what it shows."""

    name: str
    path: str
    title: str
    width: int
    height: int

    def html(self, base: str, width: int | None = None, height: int | None = None) -> str:
        """The line of HTML that shows it, within a width and a height."""
        size = f'width="{min(self.width, width or self.width)}" height="{min(self.height, height or self.height)}"'
        return (
            f'<iframe src="{escape(base + self.path)}" title="{escape(self.title)}" {size} loading="lazy" '
            'style="border:0;max-width:100%"></iframe>'
        )


def of_partnership(slug: str, title: str) -> Sequence[Embed]:
    """The frames of a partnership."""
    path = f"/embed/partnerships/{slug}"
    return (
        Embed("scorecard", f"{path}/scorecard", title, 640, 420),
        Embed("timeline", f"{path}/timeline", title, 640, 560),
    )


def of_promise(slug: str, title: str) -> Sequence[Embed]:
    """The frame of a promise."""
    return (Embed("promise", f"/embed/commitments/{slug}", title, 640, 380),)
