"""Pictures: the views drawn as SVG documents that stand alone, for an `<img>` on a page or in a report.

Each file draws one view, from the same mapping that is answered as JSON. A picture needs nothing but itself: no script,
no style sheet, no font and no other host. The same data give the same bytes.
"""
