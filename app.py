"""The app's frame: set-up and navigation. Run it with ``streamlit run app.py``."""

import streamlit as st

from realnvp.ui.frame import ICON, open_frame

st.set_page_config(page_title="RealNVP playground", page_icon=str(ICON), layout="wide")
page = st.navigation(
    {
        "": [
            st.Page("pages/playground.py", title="Playground", default=True),
            st.Page("pages/runs.py", title="Runs"),
            st.Page("pages/class_board.py", title="Class"),
        ],
        "Look inside": [
            st.Page("pages/by_hand.py", title="Coupling by hand"),
            st.Page("pages/layers.py", title="Layers"),
            st.Page("pages/follow.py", title="One point"),
            st.Page("pages/density.py", title="Density"),
        ],
    },
    position="top",
)
open_frame()
page.run()
