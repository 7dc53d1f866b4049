"""The playground: set the flow up, train it in view, and watch the points become a Gaussian and come back."""

from realnvp.ui.frame import require_frame

require_frame("pages/playground.py")

from realnvp.ui.playground import show_playground  # noqa: E402

show_playground()
