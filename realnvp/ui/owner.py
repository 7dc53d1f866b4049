"""Who a page belongs to: a browser, known by a cookie that nobody can guess. There are no accounts."""

import secrets

import streamlit as st

from realnvp.store.store import TOKEN
from realnvp.ui.wire import browser_component

COOKIE = "realnvp_owner"
OWNER = "owner"
SHORTEST = 22  # characters of secrets.token_urlsafe(16)

_keep = browser_component("owner")


def owner() -> str:
    """The token of this browser: whoever has it controls, renames and deletes the runs that were made with it."""
    if OWNER not in st.session_state:
        kept = st.context.cookies.get(COOKIE, "")
        st.session_state[OWNER] = kept if is_owner(kept) else secrets.token_urlsafe(16)
    return st.session_state[OWNER]


def is_owner(text: object) -> bool:
    return isinstance(text, str) and len(text) >= SHORTEST and TOKEN.fullmatch(text) is not None


def keep_owner() -> None:
    """Has the browser keep the token, or tell the one that another of its tabs has been given meanwhile."""

    def told() -> None:
        if is_owner(found := st.session_state["owner_cookie"].found):
            st.session_state[OWNER] = found

    content = {"kind": "owner", "cookie": COOKIE, "owner": owner()}
    _keep("owner_cookie", content, on_found_change=told)
