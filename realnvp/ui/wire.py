"""What travels to the browser: messages for the modules in js/, which are served as static files, as is plotly.js."""

import hashlib
import json
import struct
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from realnvp.ui.static_files import modules_name, plotly_name

# What travels beside every message: where to find the module. ``document.scripts`` knows the server's base path.
LOADER = """
export default async function (component) {
  const entry = [...document.scripts].find((script) => script.src.includes("/static/js/"));
  const base = entry ? entry.src.split("/static/js/")[0] : window.location.origin;
  const module = await import(`${base}/app/static/%s/main.js`);
  return module.default(component, `${base}/app/static/%s`);
}
"""


def browser_component(name: str) -> Callable[..., Any]:
    """A function of a key and a content that shows it through the modules in js/; its ``kind`` says what is shown.

    Without content the modules are fetched, and that is all. Further arguments are callbacks, as Streamlit has them.
    """
    component = st.components.v2.component(name, js=LOADER % (modules_name(), plotly_name()), isolate_styles=False)

    def show(key: str, content: dict[str, Any] | None = None, **callbacks: Any) -> Any:
        return component(key=key, data=content and dated(key, pack(content)), **callbacks)

    return show


def dated(key: str, message: bytes) -> bytes:
    """The message behind its date: when it began to say what it says, in milliseconds since 1970 (float64).

    Streamlit may hand messages over out of order while the modules are being fetched; the browser passes over those
    that are older than what it shows. What is shown again keeps its date: Streamlit does not send equal bytes twice.
    """
    digest = hashlib.blake2b(message).digest()
    name = f"dated_{key}"
    before, date = st.session_state.get(name, (b"", 0.0))
    if digest != before:
        date = max(time.time() * 1000, date + 1)
        st.session_state[name] = digest, date
    return struct.pack("<d", date) + message


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
