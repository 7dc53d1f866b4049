"""The class's board: a teacher opens a class, students join by code or link, and publish runs on one wall."""

from realnvp.ui.frame import require_frame

require_frame("pages/class_board.py")

from realnvp.ui.board.page import show_board  # noqa: E402

show_board()
