"""One point followed through the flow: its path, and where each part of its log-density comes from."""

from realnvp.ui.frame import require_frame

require_frame("pages/follow.py")

from realnvp.ui.follow.page import show_follow  # noqa: E402
from realnvp.ui.inside import show_inside  # noqa: E402

show_inside("Follow one point", show_follow)
