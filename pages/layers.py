"""What each coupling layer does to the points, side by side."""

import streamlit as st

from realnvp.ui.frame import require_frame

require_frame("pages/layers.py")

st.write("Layers")
