"""A run to take away: script, notebook, weights, tables, a page that stands alone, a sheet; and weights read back."""
