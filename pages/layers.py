"""Every layer of the run's flow: where the points are before the first and after each."""

from realnvp.ui.frame import require_frame

require_frame("pages/layers.py")

from realnvp.ui.layers import show_layers  # noqa: E402

show_layers()
