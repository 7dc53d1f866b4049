"""A picture of which darkness becomes density."""

import streamlit as st

from realnvp.own.picture import picture_of, points_from_picture
from realnvp.points import PointSet
from realnvp.ui.choose.chosen import offer
from realnvp.ui.words import HELP


def show_picture() -> None:
    file = st.file_uploader("A PNG or JPEG", type=["png", "jpg", "jpeg"], key="picture", help=HELP["picture"])
    if file is None:
        st.markdown("Darkness becomes density: a black drawing on white paper, a silhouette or a logo works best.")
    else:
        offer(lambda: points_of_picture(file.getvalue(), file.name))


@st.cache_resource(max_entries=8, show_spinner=False)
def points_of_picture(content: bytes, name: str) -> PointSet:
    return points_from_picture(picture_of(content, name), title=name)
