"""Every layer of the run's flow: where the points are before the first and after each."""

from realnvp.ui.frame import require_frame

require_frame("pages/layers.py")

from realnvp.ui.layers import show_stages  # noqa: E402
from realnvp.ui.runs import live  # noqa: E402

live(show_stages)
