"""A link as people pass it on: to be copied with one press, or photographed."""

import segno
import streamlit as st
from segno.encoder import DataOverflowError

from realnvp.ui.wire import browser_component

_offer = browser_component("copy")


def show_link(url: str, *, key: str) -> None:
    """The link, a button that copies it, and its QR code."""
    show_copy(url, key=key)
    if code := qr_code(url):
        picture = f'<img src="{code}" alt="QR code of the link">'
        st.html(f'<figure class="qr-code">{picture}<figcaption>Photograph it to open the link.</figcaption></figure>')
    else:
        st.caption("The link is too long for a QR code: shorten the task.")


def show_copy(url: str, *, key: str) -> None:
    """The link and the button alone, for a link that nobody else is to photograph."""
    _offer(f"copy_{key}", {"kind": "copy", "text": url})


def qr_code(url: str) -> str | None:
    """An SVG as data URI, dark on white whatever the theme; None for a link that no QR code can hold."""
    try:
        code = segno.make(url, micro=False, error="l")
    except DataOverflowError:
        return None
    return code.svg_data_uri(scale=4, border=4, dark="#1f2430", light="#ffffff")
