"""Tables: a file, pasted text, or one of the real data sets in the box; and the choice of two of their columns."""

import hashlib

import streamlit as st

from realnvp.own.samples import SAMPLES
from realnvp.own.table import Table, points_from_table, read_table
from realnvp.points import BadData, PointSet
from realnvp.ui.choose.chosen import offer
from realnvp.ui.words import HELP, plain

NO_COLOUR = "none"
PASTED = "The pasted text"


def show_file() -> None:
    file = st.file_uploader(
        "A table: CSV, TSV, Parquet or NPY, up to 10 MB",
        type=["csv", "tsv", "txt", "parquet", "npy"],
        key="table_file",
        help=HELP["table file"],
    )
    if file is not None:
        show_table_of(file.getvalue(), file.name)
        return
    text = st.text_area(
        "Or paste rows here",
        key="pasted",
        persist_state="session",
        height=150,
        placeholder="x\ty\n1.2\t3.4\n0.9\t2.8",
        help=HELP["paste"],
    )
    if text and text.strip():
        show_table_of(text.encode(), PASTED)


def show_table_of(content: bytes, name: str) -> None:
    try:
        table = table_of(content, name)
    except BadData as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    key = hashlib.blake2b(content, digest_size=8).hexdigest()
    show_columns(table, key, name, table.numeric[:2], None)


@st.cache_resource(max_entries=8, show_spinner=False)
def table_of(content: bytes, name: str) -> Table:
    return read_table(content, name)


def show_examples() -> None:
    name = st.selectbox(
        "Measured, not made up",
        list(SAMPLES),
        format_func=lambda name: SAMPLES[name].title,
        key="example",
        persist_state="session",
        help=HELP["examples"],
    )
    sample = SAMPLES[name]
    st.caption(sample.about)
    show_columns(example_table(name), name, sample.title, [sample.x, sample.y], sample.colour)


@st.cache_resource(show_spinner=False)
def example_table(name: str) -> Table:
    return SAMPLES[name].load()


def show_columns(table: Table, of: str, title: str, first: list[str], colour: str | None) -> None:
    """The first rows, the choice of two columns and one for colour, and the points that they make.

    ``of`` tells this table from others: each has choices of its own.
    """
    names, colours = table.numeric, [NO_COLOUR, *table.columns]
    x_box, y_box, colour_box = st.columns(3)
    x = x_box.selectbox("Across (x₁)", names, index=names.index(first[0]), key=f"x of {of}", help=HELP["column"])
    y = y_box.selectbox("Up (x₂)", names, index=names.index(first[1]), key=f"y of {of}", help=HELP["column"])
    by = colour_box.selectbox(
        "Colour",
        colours,
        index=colours.index(colour or NO_COLOUR),
        key=f"colour of {of}",
        help=HELP["colour column"],
    )
    left, right = st.columns(2)
    with left:
        st.caption(f"{table.rows:,} rows; the first of them:")
        st.dataframe(table.head(8), hide_index=True, height=230)
        for finding in table.findings:
            st.markdown(f":material/info: {plain(finding)}")
    with right:
        offer(lambda: points_of_columns(of, x, y, None if by == NO_COLOUR else by, title, table))


@st.cache_resource(max_entries=8, show_spinner=False)
def points_of_columns(of: str, x: str, y: str, colour: str | None, title: str, _table: Table) -> PointSet:
    return points_from_table(_table, x, y, colour, title=title)
