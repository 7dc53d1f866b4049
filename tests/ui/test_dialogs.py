"""Which dialog is open."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from realnvp.ui.dialogs import OPEN, dismiss, is_open, open_dialog

    def open_again_and_dismiss_the_one_before() -> None:
        before = st.session_state[OPEN]
        open_dialog("data")
        dismiss(before)  # while a server is busy both wait, and reach it in one run, the earlier after the later

    st.button("open", on_click=open_dialog, args=("data",))
    st.button("dismiss", on_click=dismiss, args=(st.session_state.get(OPEN),))
    st.button("both", on_click=open_again_and_dismiss_the_one_before)
    st.text([name for name in ("data", "share") if is_open(name)])


def test_a_dialog_is_closed_by_its_own_dismissal_and_not_by_that_of_the_one_before() -> None:
    app = AppTest.from_function(page).run()
    shown, closed = ["['data']"], ["[]"]

    def press(label: str) -> list[str]:
        next(button for button in app.button if button.label == label).click().run()
        assert not app.exception
        return [text.value for text in app.text]

    assert press("dismiss") == closed
    assert press("open") == shown
    assert press("both") == shown
    assert press("dismiss") == closed
    assert press("open") == shown
