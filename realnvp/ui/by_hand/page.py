"""The page on which s and t are shaped by hand: what one coupling does, and two, with everything in view at once."""

import inspect
import textwrap

import streamlit as st

from realnvp.coupling import AffineCoupling
from realnvp.figures.by_hand import plane_figure, reach_of
from realnvp.inside.by_hand import Look, grid_lines, hand_flow, look, moons
from realnvp.tracing import as_array
from realnvp.ui.by_hand.hand import TRIALS, Hand, change, hand
from realnvp.ui.by_hand.layer_card import show_layer
from realnvp.ui.dials import Dial, dials
from realnvp.ui.live_figure import Click, Panel, live_figure
from realnvp.ui.words import HELP

IDEA = "One coordinate stays as it is, and decides how far the other is stretched (s) and shifted (t)."
CELL_REACH, CELL_STEP = 1.8, 0.05  # where the middle of the cell may be
PLAY = 4000  # milliseconds for a layer and its undoing


@st.fragment
def show_by_hand() -> None:
    """Draws the whole page from one state, so that all pictures and numbers are of one moment."""
    now = hand()
    flow = hand_flow(now.shown)
    seen = look(flow, now.cell, now.side, now.place)
    reach = reach_of(seen.journey.stages(), seen.cells)
    show_headline(now)
    with st.container(key="hand"):  # style.css lays it out: pictures, what shapes them, numbers
        with st.container(key="hand_pictures"):
            show_pictures(now, seen, reach)
        with st.container(key="hand_layers"):
            for k in range(2):
                with st.container(border=True, key=f"hand_layer_{k + 1}"):
                    show_layer(flow, now, seen, reach, k)
        with st.container(border=True, key="hand_numbers"):
            show_numbers(now, seen)
    with st.expander("The formulas, with your s and t"):
        show_formulas(now)


def show_headline(now: Hand) -> None:
    with st.container(key="headline", horizontal=True, vertical_alignment="center", gap="small"):
        trial = TRIALS.get(now.trial)
        st.markdown(trial.question if trial else IDEA, width="stretch")
        if trial:
            st.popover("Answer", icon=":material/lightbulb:", width="content").markdown(trial.answer)
        st.markdown("Try:", width="content")
        for name, trial in TRIALS.items():
            st.button(
                name,
                key=f"hand_try_{name}",
                on_click=change,
                kwargs=trial.values | {"trial": name},
                help="Sets this, and asks what you expect.",
            )


def show_pictures(now: Hand, seen: Look, reach: float) -> None:
    """Before and now, in views of the same size, so that areas can be compared; and the way between them."""

    def clicked(click: Click) -> None:
        if click.panel == "before":
            change(cell=(within(click.x), within(click.y)))

    labels = moons()[1]
    before = plane_figure(seen.journey.points, labels, as_array(grid_lines()), seen.cells[0], reach)
    after = plane_figure(seen.points, labels, seen.grid, seen.cell, reach)
    live_figure(
        [
            Panel("before", "Before", HELP["hand before"], {"": before}, arrow="f", arrow_help=HELP["hand f"]),
            Panel("after", "After", HELP["hand after"], {"": after}),
        ],
        key="live_by_hand",
        epoch=0,
        points_of="two_moons 0.05",
        on_click=clicked,
    )
    n = len(now.shown)
    words = tuple(place_words(step / 20, n) for step in range(40 * n + 1))
    way = Dial("place", "How far", HELP["hand place"], 0.0, 2.0 * n, 0.05, now.place, words, PLAY * n)
    dials([way], key="hand_way", on_move=lambda _, value: change(place=min(value, 2.0 * len(hand().shown))))


def place_words(place: float, n: int) -> str:
    """A place of the way in words: n layers, then the same undone, last one first."""
    done = place == int(place)
    if place == 0:
        return "the points as they are"
    if place == 2 * n:
        return "undone: each point is back"
    if place <= n:
        layer = int(place) if done else int(place) + 1
        return f"layer {layer} done" if done else f"layer {layer}: {100 * (place % 1):.0f}%"
    left = 2 * n - place
    layer = int(left) + 1
    return f"layer {layer} undone" if done else f"layer {layer} undone: {100 * (1 - left % 1):.0f}%"


def show_numbers(now: Hand, seen: Look) -> None:
    """The cell: its area now, and what the determinant says of it; where it lies."""
    before = now.side**2
    numbers = [
        ("Area before", f"{before:.4f} units²", HELP["hand area"]),
        ("Area now", f"{seen.area:.4f} units²", HELP["hand area"]),
        ("Ratio", f"{seen.ratio:.3f} times", HELP["hand ratio"]),
        ("Determinant", f"{seen.determinant:.3f} times", HELP["hand determinant"]),
        ("Log-det", f"{seen.log_det:+.3f} nats".replace("-", "\N{MINUS SIGN}"), HELP["hand log-det"]),
        ("Error, undone", f"{seen.error:.0e}" if seen.error else "0", HELP["hand error"]),
    ]
    with st.container(key="hand_metrics"):
        for label, value, help_text in numbers:
            st.metric(label, value, help=help_text)

    def move(name: str, value: float) -> None:
        x, y = hand().cell
        change(**{"x": {"cell": (value, y)}, "y": {"cell": (x, value)}, "side": {"side": value}}[name])

    x, y = now.cell
    cell = [
        Dial("x", "Cell at x₁", HELP["hand cell"], -CELL_REACH, CELL_REACH, CELL_STEP, x),
        Dial("y", "Cell at x₂", HELP["hand cell"], -CELL_REACH, CELL_REACH, CELL_STEP, y),
        Dial("side", "Its side", HELP["hand side"], 0.05, 1.0, 0.05, now.side),
    ]
    dials(cell, key="hand_cell", on_move=move)


def show_formulas(now: Hand) -> None:
    """Each layer's map, its inverse and its determinant, and the code that runs."""
    names = ("x_1", "x_2")
    for k, layer in enumerate(now.shown):
        stays, moves = names[k], names[1 - k]
        st.markdown(f"**Layer {k + 1}** keeps ${stays}$. With your shapes:")
        s, t = layer.s.latex(stays), layer.t.latex(stays)
        st.latex(rf"s({stays}) = 3\tanh\!\left(\tfrac13\,({s})\right) \qquad t({stays}) = {t}")
        st.latex(rf"\text{{forward:}}\quad {stays}' = {stays} \qquad {moves}' = {moves}\,e^{{s({stays})}} + t({stays})")
        st.latex(
            rf"\text{{inverse:}}\quad {stays} = {stays}' \qquad "
            rf"{moves} = \bigl({moves}' - t({stays}')\bigr)\,e^{{-s({stays}')}}"
        )
    st.markdown(WHY)
    source = inspect.getsource(AffineCoupling.forward) + "\n" + inspect.getsource(AffineCoupling.inverse)
    st.code(textwrap.dedent(source), "python")


WHY = r"""
The determinant of one layer is $e^{s}$: along one axis nothing is stretched, along the other everything by $e^{s}$, and
sliding by $t$ keeps area. Of two layers it is the product, so the log-dets add up. The inverse works out $s$ and $t$
from the coordinate that has stayed, and never has to invert them: any functions will do, and in a flow they are neural
networks. The $\tanh$ keeps $s$ between -3 and 3, as in the playground. This is the code that runs here and there:
"""


def within(value: float) -> float:
    """A coordinate of the cell that its sliders know."""
    return round(round(min(CELL_REACH, max(-CELL_REACH, value)) / CELL_STEP) * CELL_STEP, 2)
