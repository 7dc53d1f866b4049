"""The page Coupling by hand."""
