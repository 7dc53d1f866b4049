"""Arrays -> Plotly figures, as plain dictionaries {"data": ..., "layout": ...}. No torch, no Streamlit.

Fonts, grid colours and sizes are the page's: the live figure sets them for the light and the dark theme.
"""
