"""The density: what the flow has learned beside the truth, and what comes of points put into the latent space."""

from realnvp.ui.frame import require_frame

require_frame("pages/density.py")

from realnvp.ui.density.page import show_density  # noqa: E402
from realnvp.ui.inside import show_inside  # noqa: E402

show_inside("Density and sampling", show_density)
