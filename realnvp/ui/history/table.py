"""The table of one's runs, with small pictures."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from realnvp.store.run import RunLine
from realnvp.ui.data import title_of
from realnvp.ui.wire import stamp
from realnvp.ui.words import HELP, name_of

SELECTED = "runs_selected"  # tokens
ROW, HEAD, MOST_ROWS = 58, 38, 7  # pixels of a row and of the heading; rows without scrolling

columns = st.column_config


def in_order(lines: Sequence[RunLine]) -> list[RunLine]:
    """The pinned ones first; in the order given otherwise."""
    return sorted(lines, key=lambda line: not line.pinned)


def show_table(lines: list[RunLine], thumbnails: dict[str, bytes]) -> list[RunLine]:
    """Shows the runs; returns those selected. What is selected stays so while other runs come and go."""
    tokens = [line.token for line in lines]
    kept = [k for k, token in enumerate(tokens) if token in st.session_state.get(SELECTED, ())]
    chosen = st.dataframe(
        as_frame(lines, thumbnails),
        key=f"runs_table_{stamp(tokens)}",  # another list is another table, as a selection is kept by row numbers
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": kept}},
        hide_index=True,
        row_height=ROW,
        height=HEAD + ROW * min(len(lines), MOST_ROWS),
        column_config=column_config(),
    )
    selected = [lines[row] for row in chosen.selection.rows if row < len(lines)]
    st.session_state[SELECTED] = [line.token for line in selected]
    return selected


def as_frame(lines: Sequence[RunLine], thumbnails: dict[str, bytes]) -> pd.DataFrame:
    """A row a run. What is not known is empty."""
    frame = pd.DataFrame(
        {
            "picture": [data_uri(thumbnails.get(line.token)) for line in lines],
            "name": [name_of(line) for line in lines],
            "kl_gap": [line.evaluation and line.evaluation.kl_gap for line in lines],
            "nll": [line.evaluation and line.evaluation.nll for line in lines],
            "data": [title_of(line.config) for line in lines],
            "layers": [line.config.layers for line in lines],
            "width": [line.config.width for line in lines],
            "epochs": [line.epoch for line in lines],
            "ended": ["imported" if line.read_back else line.status for line in lines],
            "seconds": [None if line.read_back else line.seconds for line in lines],
            "parameters": [line.parameters for line in lines],
            "made": [datetime.fromtimestamp(line.created, UTC) for line in lines],
            "pinned": [line.pinned for line in lines],
        }
    )
    return frame.astype({"kl_gap": "float64", "nll": "float64", "seconds": "float64"})


def column_config() -> dict[str, object]:
    return {
        "picture": columns.ImageColumn("Latent, samples", width=130, help=HELP["run picture"]),
        "name": columns.TextColumn("Name", width=170, help=HELP["run name"]),
        "kl_gap": columns.NumberColumn("KL gap (nats)", format="%.3f", width=95, help=HELP["kl gap"]),
        "nll": columns.NumberColumn("NLL (nats)", format="%.3f", width=78, help=HELP["compared nll"]),
        "data": columns.TextColumn("Data", width=105, help=HELP["run data"]),
        "layers": columns.NumberColumn("Layers", width=62, help=HELP["run layers"]),
        "width": columns.NumberColumn("Width", width=62, help=HELP["run width"]),
        "epochs": columns.NumberColumn("Epochs", format="localized", width=66, help=HELP["run epochs"]),
        "ended": columns.TextColumn("Ended", width=76, help=HELP["run ended"]),
        "seconds": columns.NumberColumn("Time (s)", format="%.1f", width=70, help=HELP["seconds"]),
        "parameters": columns.NumberColumn("Parameters", format="localized", width=88, help=HELP["parameters"]),
        "made": columns.DatetimeColumn("Made", format="distance", width=116, help=HELP["run made"]),
        "pinned": columns.CheckboxColumn("Pinned", width=66, help=HELP["run pinned"]),
    }


def data_uri(png: bytes | None) -> str | None:
    return png and f"data:image/png;base64,{base64.b64encode(png).decode()}"
