"""The page Density."""
