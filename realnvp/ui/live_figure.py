"""The live figure: Plotly plots that stay in place while their data change, and points that travel between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from realnvp.figures.density import density_shades
from realnvp.figures.points import Figure, class_colours
from realnvp.snapshot import FilmFrame, Grid, Journey, Mesh
from realnvp.ui.wire import browser_component, stamp

_show = browser_component("live_figure")


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
    _show("preload")


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

    _show(key, content, on_clicked_change=clicked if on_click else None)


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
    _show(key, content)


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
    _show(key, content)


def shows_held_out(figure: Figure) -> bool:
    return figure["data"][0].get("meta") == "held-out"


def packed_journey(journey: Journey) -> dict[str, Any]:
    return {"x": journey.points, "s": journey.s, "t": journey.t, "changed": journey.changed}
