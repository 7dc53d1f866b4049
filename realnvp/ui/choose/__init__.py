"""The dialog in which the data are chosen."""
