"""Looking inside a flow: the mathematics of the pages that explain what one has learned. No Streamlit."""
