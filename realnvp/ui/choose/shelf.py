"""The shelf: distributions with known density, as small pictures to choose from."""

from typing import Any

import streamlit as st

from realnvp.datasets import DISTRIBUTIONS, distribution
from realnvp.figures.points import OKABE_ITO
from realnvp.ui.choose.chosen import close
from realnvp.ui.settings import choose_dataset, draft
from realnvp.ui.wire import browser_component

POINTS = 700  # of a picture

_show = browser_component("gallery")


def show_shelf() -> None:
    def chosen() -> None:
        name = st.session_state["gallery"].chosen
        if name in DISTRIBUTIONS:
            choose_dataset(name)
            st.session_state["gallery_chosen"] = True

    st.caption("Their density is known exactly, so a flow can be held against the truth.")
    content = {"kind": "gallery", "items": pictures(), "chosen": draft().dataset, "colours": OKABE_ITO}
    _show("gallery", content, on_chosen_change=chosen)
    if st.session_state.pop("gallery_chosen", False):
        close()


@st.cache_resource(show_spinner="The pictures are being drawn.")
def pictures() -> list[dict[str, Any]]:
    """Points of each distribution, as it comes."""
    import torch

    items = []
    for name, entry in DISTRIBUTIONS.items():
        points, labels = distribution(name, entry.noise).sample(POINTS, torch.Generator().manual_seed(0))
        item = {"name": name, "title": entry.title, "teaches": entry.teaches}
        items.append({**item, "points": points.float().numpy(), "labels": labels.to(torch.uint8).numpy()})
    return items
