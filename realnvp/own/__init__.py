"""A person's own data turned into points: tables, pictures, words, drawings. No torch, no Streamlit."""
