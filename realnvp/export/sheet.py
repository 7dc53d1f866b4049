"""A run on one page to hand in: pictures, loss, numbers, settings and link, as PDF or PNG (A4).

Drawn with matplotlib, which is imported when a sheet is made: a page that only offers one does not wait for it.
"""

import io
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np

from realnvp.config import TrainingConfig
from realnvp.divergence import worsened
from realnvp.export.data_names import axes_of, title_of
from realnvp.export.sheet_words import NO_FLOOR, Row, number_rows, setting_rows, summary
from realnvp.figures.loss import HELD_OUT, loss_range, thin
from realnvp.figures.points import ACCENT, LATENT_VIEW, NEUTRAL, OKABE_ITO, data_view
from realnvp.figures.thumbnail import square
from realnvp.snapshot import Axes, Evaluation, Snapshot, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Plot
    from matplotlib.figure import Figure

A4 = (8.27, 11.69)  # inches
DOTS = 200  # an inch, of a PNG and of the points in a PDF
LEFT, RIGHT, MIDDLE = 0.07, 0.93, 0.53  # of the page's width; MIDDLE is where its right half begins
RULE = "#dfe3ea"
NO_DATE = {"pdf": {"CreationDate": None, "Creator": "RealNVP playground"}, "png": {}}  # metadata

_drawing = Lock()  # matplotlib is not made for several threads at once


class Run(Protocol):
    """What a sheet needs of a run: a RunView has it, and a StoredRun."""

    config: TrainingConfig
    name: str
    epoch: int
    losses: np.ndarray
    held_out: np.ndarray
    seconds: float
    evaluation: Evaluation | None
    snapshot: Snapshot | None
    parameters: int
    device: str
    versions: dict[str, str]


def run_sheet(run: Run, kind: str, *, link: str = "", note: str = "") -> bytes:
    """The page as "pdf" or "png": equal runs give equal bytes. Points that are no longer kept are a ValueError.

    ``link`` is an address, which can be clicked and photographed; or the query of one, to be put behind the address of
    any copy of the app. ``note`` says what went wrong; without it a flow that training has made worse
    is said to be so.
    """
    file = io.BytesIO()
    with _drawing:
        figure = sheet_figure(run, link=link, note=note)
        figure.savefig(file, format=kind, dpi=DOTS, metadata=NO_DATE[kind])
    return file.getvalue()


def sheet_figure(run: Run, *, link: str = "", note: str = "") -> "Figure":
    from matplotlib.figure import Figure

    page = Figure(figsize=A4, facecolor="white")
    draw_head(page, run, note or worsened(run.losses, run.config) or "")
    draw_panels(page, run.snapshot, axes_of(run.config))
    draw_heading(page, LEFT, 0.638, "Loss")
    draw_loss(page.add_axes((0.115, 0.47, RIGHT - 0.115, 0.146)), run)
    draw_heading(page, LEFT, 0.42, "Numbers")
    draw_table(page, LEFT, 0.398, MIDDLE - 0.06, number_rows(run))
    draw_heading(page, MIDDLE, 0.42, "Settings")
    draw_table(page, MIDDLE, 0.398, RIGHT, setting_rows(run.config))
    if link:
        draw_link(page, link)
    return page


def draw_heading(page: "Figure", x: float, y: float, words: str) -> None:
    from realnvp.export.sheet_text import write

    write(page, x, y, words, 0.7, fontsize=11, weight="bold")


def draw_head(page: "Figure", run: Run, note: str) -> None:
    from realnvp.export.sheet_text import FAINT, write, write_lines

    write(page, LEFT, 0.943, title_of(run.config), RIGHT - LEFT, fontsize=18, weight="bold", va="baseline")
    write(page, LEFT, 0.923, summary(run), RIGHT - LEFT, fontsize=10, color=FAINT, va="baseline")
    if note:
        write_lines(page, LEFT, 0.912, note, RIGHT - LEFT, 2, fontsize=8.5, color=OKABE_ITO[4])


def draw_panels(page: "Figure", snapshot: Snapshot | None, axes: Axes) -> None:
    """Input, latent and inverted, in the views and the colours that the app has."""
    plane = None
    if snapshot is not None:
        view = data_view(snapshot.input[:1000], axes)
        plane = square(view) if axes.equal else view
    panels = (
        ("Input", "input", plane, axes),
        ("Latent", "latent", LATENT_VIEW, Axes()),
        ("Inverted: new samples", "samples", plane, axes),
    )
    width, gap = 0.244, 0.049
    for k, (title, what, view, names) in enumerate(panels):
        panel = page.add_axes((0.1 + k * (width + gap), 0.684, width, width * A4[0] / A4[1]))
        panel.set_title(title, fontsize=9.5, loc="left", pad=4)
        calm(panel)
        if snapshot is None:
            say_instead(panel, "no picture yet")
        else:
            colours = NEUTRAL if what == "samples" else np.array(OKABE_ITO)[snapshot.labels % len(OKABE_ITO)]
            draw_points(panel, getattr(snapshot, what), colours, view)
            if what == "latent":
                draw_rings(panel)
            name_axes(panel, names)


def draw_points(panel: "Plot", points: np.ndarray, colours: np.ndarray | str, view: View) -> None:
    size, opacity = (1.1, 0.6) if len(points) > 3000 else (3.5, 0.8)
    panel.scatter(*points.T, s=size, c=colours, alpha=opacity, linewidths=0, rasterized=True)
    panel.set(xlim=view[:2], ylim=view[2:])


def draw_rings(panel: "Plot") -> None:
    """Those that hold 39%, 86% and 99% of a standard Gaussian."""
    from matplotlib.patches import Circle

    for sigma in (1, 2, 3):
        style = ":" if sigma == 3 else "-"
        panel.add_patch(Circle((0, 0), sigma, fill=False, color=NEUTRAL, linewidth=0.8, linestyle=style))


def name_axes(panel: "Plot", axes: Axes) -> None:
    """Coordinates in units of their own have their names beside the axes."""
    from realnvp.export.sheet_text import FAINT, drawable, fitted, font_of

    if axes.equal:
        return
    style = {"fontsize": 7.5, "color": FAINT}
    for name, put in zip(axes.names, (panel.set_xlabel, panel.set_ylabel), strict=True):
        put(fitted(drawable(name), 1.9, font_of(style)), parse_math=False, labelpad=2, **style)


def calm(plot: "Plot") -> None:
    """A thin grey frame and few small ticks."""
    from matplotlib.ticker import StrMethodFormatter

    from realnvp.export.sheet_text import FAINT

    for axis in (plot.xaxis, plot.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    plot.tick_params(labelsize=7, colors=FAINT, length=2, width=0.6, pad=2)
    plot.locator_params(nbins=6)
    for side in plot.spines.values():
        side.set(color=RULE, linewidth=0.8)


def say_instead(plot: "Plot", words: str) -> None:
    """Words in the place of what there is not."""
    from realnvp.export.sheet_text import FAINT

    plot.text(0.5, 0.5, words, transform=plot.transAxes, ha="center", va="center", color=FAINT, fontsize=8.5)


def draw_loss(plot: "Plot", run: Run) -> None:
    """The training loss over the epochs with the entropy floor, or of a fixed set with the held-out loss."""
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    from realnvp.export.sheet_text import FAINT

    calm(plot)
    floor = run.evaluation and run.evaluation.entropy
    plot.set(xlim=(0, run.config.total_epochs), ylim=loss_range([run.losses, run.held_out[:, 1]], floor))
    plot.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    plot.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    plot.set_xlabel("epoch", fontsize=7.5, color=FAINT, labelpad=1)
    plot.set_ylabel("loss (nats)", fontsize=7.5, color=FAINT, labelpad=3)
    if len(run.losses):
        dots = "." if len(run.losses) < 20 else None
        plot.plot(*thin(run.losses), color=ACCENT, linewidth=1.2, marker=dots, label="training loss")
    else:
        say_instead(plot, "no losses: nothing has been trained here")
    if len(run.held_out):
        plot.plot(*run.held_out.T, color=HELD_OUT, linewidth=1.4, label="held-out loss")
    if floor is not None:
        plot.axhline(floor, color=NEUTRAL, linewidth=1, linestyle="--", label=f"entropy floor {floor:.3f} nats")
    elif run.config.fixed_points:
        plot.plot([], [], " ", label=NO_FLOOR)
    if plot.get_legend_handles_labels()[1]:
        above = {"loc": "lower right", "bbox_to_anchor": (1, 1), "ncols": 3, "borderpad": 0, "borderaxespad": 0.4}
        plot.legend(fontsize=7.5, frameon=False, labelcolor=FAINT, handlelength=1.6, **above)


def draw_table(page: "Figure", left: float, top: float, right: float, rows: list[Row]) -> None:
    from matplotlib.lines import Line2D

    from realnvp.export.sheet_text import FAINT, write

    for k, (label, value) in enumerate(rows):
        y = top - 0.0146 * k
        write(page, left, y, label, 0.2, color=FAINT)
        write(page, right, y, value, right - left - 0.2, ha="right")
        page.add_artist(Line2D((left, right), (y - 0.0112,) * 2, color=RULE, linewidth=0.5))


def draw_link(page: "Figure", link: str) -> None:
    """The link to click on and its QR code; of a query alone there is neither."""
    from realnvp.export.sheet_text import write_lines

    whole = link.startswith(("http://", "https://"))
    code = qr_code(link) if whole else None
    draw_heading(page, LEFT, 0.137, "Link" if whole else "Link: put this behind the address of the app")
    style = {"url": link, "color": "#3056d3"} if whole else {}
    room = RIGHT - LEFT - (0.15 if code is not None else 0)
    write_lines(page, LEFT, 0.116, link, room, 6, fontsize=7.5, family="DejaVu Sans Mono", **style)
    if code is not None:
        side = 0.12
        picture = page.add_axes((RIGHT - side, 0.048, side, side * A4[0] / A4[1]))
        picture.imshow(code, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        picture.set_axis_off()


def qr_code(link: str) -> np.ndarray | None:
    """Ones and zeros, sixteen a module, so that no viewer blurs them; None for a link that no QR code can hold."""
    import segno
    from segno.encoder import DataOverflowError

    try:
        matrix = segno.make(link, micro=False, error="l").matrix
    except DataOverflowError:
        return None
    return np.kron(1 - np.array(matrix, np.uint8), np.ones((16, 16), np.uint8))
