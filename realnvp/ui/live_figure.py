"""The live figure: Plotly plots that stay in place while their data change, and points that travel between them.

The browser's side is live_figure.js. Both it and plotly.js are served as static files.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from realnvp.figures import Figure, class_colours
from realnvp.snapshot import Journey
from realnvp.ui.static_files import static_name

# All that travels with every message: where to find the module. ``document.scripts`` knows the server's base path.
LOADER = """
export default async function (component) {
  const entry = [...document.scripts].find((script) => script.src.includes("/static/js/"));
  const base = entry ? entry.src.split("/static/js/")[0] : window.location.origin;
  const module = await import(`${base}/app/static/%s`);
  return module.default(component, `${base}/app/static/%s`);
}
"""

_component = st.components.v2.component(
    "live_figure",
    js=LOADER % (static_name("live_figure.js"), static_name("plotly.min.js")),
    isolate_styles=False,
)


@dataclass(frozen=True)
class Panel:
    """One plot with its title; with several figures, buttons choose between them."""

    name: str
    title: str
    help: str
    figures: dict[str, Figure]
    arrow: str = ""  # the map that leads to the next panel
    arrow_help: str = ""
    notes: dict[str, str] = field(default_factory=dict)  # what to know of one figure, by its name


def preload() -> None:
    """Has the browser fetch plotly.js while the server still prepares the page."""
    _component(key="preload")


def live_figure(panels: list[Panel], *, key: str, epoch: int, journey: Journey | None = None) -> None:
    """Shows the panels, or updates them in place; with a journey, also the control that sends its points through."""
    content = {
        "epoch": epoch,
        "panels": [
            {
                "name": panel.name,
                "title": panel.title,
                "help": panel.help,
                "arrow": panel.arrow,
                "arrowHelp": panel.arrow_help,
                "figures": [
                    {"label": label, "note": panel.notes.get(label, ""), "stamp": stamp(figure), **figure}
                    for label, figure in panel.figures.items()
                ],
            }
            for panel in panels
        ],
        "journey": journey and {"x": journey.points, "s": journey.s, "t": journey.t, "changed": journey.changed},
        "colours": [colour for _, colour in class_colours()],
    }
    _component(key=key, data=pack(content))


def stamp(figure: Figure) -> str:
    """Equal for equal figures, so that the browser redraws only what has changed."""
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
