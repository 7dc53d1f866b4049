"""Files that a person takes away. They are made when they are asked for, each with what it needs."""

from collections.abc import Callable
from datetime import date
from functools import partial

import streamlit as st

from realnvp.engine.view import RunView
from realnvp.ui.share.addresses import lasting_address
from realnvp.ui.wire import browser_component
from realnvp.ui.words import HELP, WAITING

Form = tuple[str, str, Callable[[], str | bytes]]  # suffix, MIME type, and what makes the file

_offer = browser_component("pictures")


def show_files(view: RunView) -> None:
    """A row a file: what it is good for, and the button that fetches it."""
    if view.snapshot is None:
        st.markdown(WAITING)
        return
    if view.going:
        st.info("The run still goes: files of it are of this moment.", icon=":material/info:")
    link = lasting_address(view)  # where a file is made, nothing is known of the page
    for name, (label, forms) in files_of(view, link).items():
        left, right = st.columns([3, 1], vertical_alignment="center")
        left.markdown(f"**{label}.** {HELP[f'file {name}']}")
        for column, (suffix, mime, make) in zip(right.columns(len(forms)), forms, strict=True):
            column.download_button(
                f".{suffix}",
                data=make,
                file_name=f"realnvp-{view.config.dataset}-{date.today()}{'-density' * (name == 'density')}.{suffix}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"file_{name}_{suffix}",
                width="stretch",
            )
    st.markdown(f"**Pictures.** {HELP['file pictures']}")
    _offer("pictures", {"kind": "pictures"})


# The exports import torch, or take a moment to import: a page that only offers them does not wait for that.


def script(view: RunView) -> str:
    from realnvp.export.script import training_script

    return training_script(view.config)


def notebook(view: RunView) -> str:
    from realnvp.export.notebook import training_notebook

    return training_notebook(view.config)


def weights(view: RunView) -> bytes:
    from realnvp.export.weights import weights_file

    return weights_file(view.config, view.snapshot.weights, view.snapshot.epoch)


def samples(view: RunView) -> str:
    from realnvp.export.tables import samples_csv

    return samples_csv(view.config, view.snapshot.weights)


def density(view: RunView) -> str:
    from realnvp.export.tables import density_csv

    return density_csv(view.config, view.snapshot.weights)


def page(view: RunView) -> str:
    from realnvp.export.html import run_html

    return run_html(view.config, view.snapshot, view.film, view.losses, view.evaluation)


def sheet(view: RunView, link: str, kind: str) -> bytes:
    from realnvp.export.sheet import run_sheet

    return run_sheet(view, kind, link=link, note=view.error or "")


def files_of(view: RunView, link: str) -> dict[str, tuple[str, list[Form]]]:
    """What there is to take away, by the names of their help texts: the words for it, and the forms it has."""
    return {
        "html": ("Page that moves", [("html", "text/html", partial(page, view))]),
        "sheet": (
            "Hand-in sheet",
            [
                ("pdf", "application/pdf", partial(sheet, view, link, "pdf")),
                ("png", "image/png", partial(sheet, view, link, "png")),
            ],
        ),
        "script": ("Python script", [("py", "text/x-python", partial(script, view))]),
        "notebook": ("Notebook", [("ipynb", "application/x-ipynb+json", partial(notebook, view))]),
        "weights": ("Weights", [("safetensors", "application/octet-stream", partial(weights, view))]),
        "samples": ("New samples", [("csv", "text/csv", partial(samples, view))]),
        "density": ("Density", [("csv", "text/csv", partial(density, view))]),
    }
