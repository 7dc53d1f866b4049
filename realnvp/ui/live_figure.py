"""The live figure: Plotly plots that stay in place while their data change, and points that travel between them.

The browser's side are the modules in js/. They and plotly.js are served as static files.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from realnvp.figures.density import density_shades
from realnvp.figures.points import Figure, class_colours
from realnvp.snapshot import FilmFrame, Grid, Journey, Mesh
from realnvp.ui.static_files import modules_name, plotly_name

# All that travels with every message: where to find the module. ``document.scripts`` knows the server's base path.
LOADER = """
export default async function (component) {
  const entry = [...document.scripts].find((script) => script.src.includes("/static/js/"));
  const base = entry ? entry.src.split("/static/js/")[0] : window.location.origin;
  const module = await import(`${base}/app/static/%s/main.js`);
  return module.default(component, `${base}/app/static/%s`);
}
"""


def browser_component(name: str) -> Callable[..., Any]:
    """What sends a message, packed by ``pack``, to the modules in js/: its ``kind`` says what is shown there."""
    return st.components.v2.component(name, js=LOADER % (modules_name(), plotly_name()), isolate_styles=False)


_component = browser_component("live_figure")


@dataclass(frozen=True)
class Panel:
    """One plot with its title; with several figures, buttons choose between them, or the layer in view does."""

    name: str
    title: str
    help: str
    figures: dict[str, Figure]
    arrow: str = ""  # the map that leads to the next panel
    arrow_help: str = ""
    notes: dict[str, str] = field(default_factory=dict)  # what to know of one figure, by its name
    film: dict[str, str] = field(default_factory=dict)  # what the film shows in a figure's place, by its name
    by_layer: bool = False  # figure k is shown while layer k, from 1, is in view
    jump: int | None = None  # a press of the title brings the stage to this place


@dataclass(frozen=True)
class Click:
    """Where a person has clicked: a panel's name, data coordinates, and the index of the point there, or -1."""

    panel: str
    x: float
    y: float
    point: int


def preload() -> None:
    """Has the browser fetch plotly.js while the server still prepares the page."""
    _component(key="preload")


def live_figure(
    panels: list[Panel],
    *,
    key: str,
    epoch: int,
    run: str = "",
    points_of: str = "",
    journey: Journey | None = None,
    units: tuple[np.ndarray, np.ndarray] | None = None,
    grid: Grid | None = None,
    on_click: Callable[[Click], None] | None = None,
) -> None:
    """Shows the panels, or updates them in place.

    ``points_of`` names the distribution whose held-out points are shown: those chosen in one picture are lit in all.
    With a journey there is also the control that sends its points through; ``units``, mean and standard deviation
    (2,), tell how its points lie in the panels of the data. With a grid beside it the first panel is the stage on which
    both move. ``on_click`` is called with each click in a panel, before the page runs again.
    """
    content = {
        "kind": "figure",
        "epoch": epoch,
        "run": run,
        "pointsOf": points_of,
        "clickable": on_click is not None,
        "filmed": any(panel.film for panel in panels),
        "panels": [
            {
                "name": panel.name,
                "title": panel.title,
                "help": panel.help,
                "arrow": panel.arrow,
                "arrowHelp": panel.arrow_help,
                "byLayer": panel.by_layer,
                "jump": panel.jump,
                "linked": bool(points_of) and any(shows_held_out(figure) for figure in panel.figures.values()),
                "figures": [
                    {
                        "label": label,
                        "note": panel.notes.get(label, ""),
                        "film": panel.film.get(label, ""),
                        "stamp": stamp(figure),
                        **figure,
                    }
                    for label, figure in panel.figures.items()
                ],
            }
            for panel in panels
        ],
        "journey": journey and packed_journey(journey),
        "units": units and [part.tolist() for part in units],
        "stage": grid is not None,
        "grid": grid and {"lines": grid.lines, **packed_journey(grid.journey)},
        "colours": [colour for _, colour in class_colours()],
    }

    def clicked() -> None:
        if found := st.session_state[key].clicked:
            on_click(Click(**found))

    _component(key=key, data=pack(content), on_clicked_change=clicked if on_click else None)


def training_film(film: Sequence[FilmFrame], losses: np.ndarray, *, key: str, run: str, help: str) -> None:
    """The control that plays a film in the live figures of this run; at its end they show their newest pictures.

    Without frames it stands there and waits for them.
    """
    content = {
        "kind": "film",
        "run": run,
        "help": help,
        "epochs": [frame.epoch for frame in film],
        "losses": np.array([losses[frame.epoch - 1] if frame.epoch else np.nan for frame in film], np.float64),
        "latent": np.concatenate([frame.latent for frame in film]) if film else np.empty(0, np.float32),
        "samples": np.concatenate([frame.samples for frame in film]) if film else np.empty(0, np.float32),
    }
    _component(key=key, data=pack(content))


def density_coat(mesh: Mesh, *, key: str, run: str, epoch: int) -> None:
    """Sends the stage of this run its density, which it shows when asked to."""
    content = {
        "kind": "coat",
        "run": run,
        "epoch": epoch,
        "side": mesh.side,
        "logProb": mesh.log_prob,
        "highest": mesh.highest(),
        "shades": density_shades(24),
        "journey": packed_journey(mesh.journey),
    }
    content["stamp"] = stamp(content)
    _component(key=key, data=pack(content))


def shows_held_out(figure: Figure) -> bool:
    return figure["data"][0].get("meta") == "held-out"


def packed_journey(journey: Journey) -> dict[str, Any]:
    return {"x": journey.points, "s": journey.s, "t": journey.t, "changed": journey.changed}


def stamp(figure: Any) -> str:
    """Equal for equal content, so that the browser redraws only what has changed."""
    return hashlib.blake2b(pack(figure), digest_size=8).hexdigest()


def pack(content: Any) -> bytes:
    """JSON followed by the arrays' bytes: a 4-byte length, the JSON, then the arrays at multiples of 8 bytes.

    An array stands in the JSON as {"array": [type, offset, length, scale]}. Float32 arrays travel as 16-bit fixed
    point, a 65,000th of their greatest value, which is finer than a pixel; others as they are.
    """
    arrays = bytearray()

    def place(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            array, scale = shrink(value)
            arrays.extend(b"\0" * (-len(arrays) % 8))
            offset = len(arrays)
            arrays.extend(np.ascontiguousarray(array).tobytes())
            return {"array": [array.dtype.str[1:], offset, array.size, scale]}
        raise TypeError(f"cannot pack a {type(value).__name__}")

    text = json.dumps(content, default=place, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 4) % 8)
    return len(text).to_bytes(4, "little") + text + bytes(arrays)


def shrink(array: np.ndarray) -> tuple[np.ndarray, float]:
    """An array and the factor that restores it."""
    if array.dtype == np.float32 and array.size:
        largest = float(np.abs(array).max())
        if np.isfinite(largest) and largest > 0:
            scale = largest / 32767
            return np.round(array / scale).astype(np.int16), scale
    return array, 1.0
