"""One's runs: a table to open, rename and delete them from, runs beside each other, and sweeps over a setting."""

from realnvp.ui.frame import require_frame

require_frame("pages/runs.py")

from realnvp.ui.history.page import show_runs  # noqa: E402

show_runs()
