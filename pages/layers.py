"""The layers in motion: the whole way of points, grid and density through the flow, and what each layer does."""

from realnvp.ui.frame import require_frame

require_frame("pages/layers.py")

from realnvp.ui.inside import show_inside  # noqa: E402
from realnvp.ui.layers import show_layers  # noqa: E402

show_inside("Layer by layer", show_layers)
