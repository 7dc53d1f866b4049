"""One coupling by hand: no network, the user shapes s and t and sees grid, points, area and determinant change."""

from realnvp.ui.frame import require_frame

require_frame("pages/by_hand.py")

from realnvp.ui.by_hand.page import show_by_hand  # noqa: E402

show_by_hand()
