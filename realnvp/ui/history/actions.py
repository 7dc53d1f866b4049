"""What can be done with the runs that are selected; only what makes sense is shown."""

import streamlit as st

from realnvp.store.run import LONGEST_NAME, RunLine, clean_name
from realnvp.ui.history.comparison import MOST_COMPARED, compare
from realnvp.ui.history.further import further_button
from realnvp.ui.history.links import run_address
from realnvp.ui.history.table import SELECTED
from realnvp.ui.owner import owner
from realnvp.ui.runs import TOKEN, changed_in_store, engine, show_run_of, store
from realnvp.ui.settings import DRAFT, open_run
from realnvp.ui.share.show_link import show_link
from realnvp.ui.words import HELP

DELETED = "runs_deleted"  # tokens of the runs that can be had back, until something else is done
PLAYGROUND = "pages/playground.py"
PAGES = {
    PLAYGROUND: "Playground",
    "pages/layers.py": "Layers",
    "pages/follow.py": "One point",
    "pages/density.py": "Density",
}


def show_actions(selected: list[RunLine], *, any_runs: bool) -> None:
    if len(selected) == 1:
        show_actions_of_one(selected[0])
    elif 2 <= len(selected) <= MOST_COMPARED:
        tokens = [line.token for line in selected]
        st.button(
            "Compare", icon=":material/compare:", type="primary", on_click=compare, args=(tokens,), help=HELP["compare"]
        )
    elif selected:
        st.markdown(f"{len(selected)} runs are selected; up to {MOST_COMPARED} can be compared.", width="content")
    elif any_runs and DELETED not in st.session_state:
        st.markdown("Select a run to open it, rename it or train it further; select two to four to compare them.")
    if selected:
        show_actions_of_any([line.token for line in selected], pinned=all(line.pinned for line in selected))
    if deleted := st.session_state.get(DELETED):
        words = "Deleted one run." if len(deleted) == 1 else f"Deleted {len(deleted)} runs."
        st.markdown(words, width="content")
        st.button("Undo", icon=":material/undo:", on_click=undo)


def show_actions_of_one(line: RunLine) -> None:
    page = st.menu_button(
        "Open", list(PAGES), format_func=PAGES.get, type="primary", help=HELP["open run"], key="open_run"
    )
    if page:
        forget_deleted()
        open_run(line.token, line.config)
        st.switch_page(page)
    further_button(line)
    if st.button("Change settings", icon=":material/tune:", help=HELP["retrain"]):
        forget_deleted()
        show_run_of(line.token)
        st.session_state[DRAFT] = line.config
        st.switch_page(PLAYGROUND)
    with st.popover("Rename", icon=":material/edit:", help=HELP["rename run"], key=f"rename_{line.token}_{line.name}"):
        st.text_input(
            "Name", line.name, max_chars=LONGEST_NAME, key=f"name_{line.token}", on_change=rename, args=(line.token,)
        )
    with st.popover("Share", icon=":material/share:", on_change="rerun", key=f"share_{line.token}") as share:
        if share.open:
            st.markdown(HELP["share run"])
            show_link(run_address(line.token), key="run")


def show_actions_of_any(tokens: list[str], *, pinned: bool) -> None:
    st.button(
        "Unpin" if pinned else "Pin",
        icon=":material/keep_off:" if pinned else ":material/keep:",
        on_click=pin,
        args=(tokens, not pinned),
        help=HELP["pin run"],
        key="pin_runs",
    )
    st.button("Delete", icon=":material/delete:", on_click=delete, args=(tokens,), help=HELP["delete run"])


def rename(token: str) -> None:
    forget_deleted()
    name = clean_name(st.session_state[f"name_{token}"])
    store().rename(token, owner(), name)
    engine().rename(token, name)
    changed_in_store()


def pin(tokens: list[str], pinned: bool) -> None:
    forget_deleted()
    for token in tokens:
        store().pin(token, owner(), pinned)


def delete(tokens: list[str]) -> None:
    for token in tokens:
        store().delete(token, owner())
        engine().discard(token)
        if st.session_state.get(TOKEN) == token:
            del st.session_state[TOKEN]
            st.query_params.pop(TOKEN, None)
    changed_in_store()
    st.session_state[DELETED], st.session_state[SELECTED] = tokens, []


def undo() -> None:
    for token in st.session_state.get(DELETED, ()):
        store().undelete(token, owner())
    forget_deleted()


def forget_deleted() -> None:
    st.session_state.pop(DELETED, None)
