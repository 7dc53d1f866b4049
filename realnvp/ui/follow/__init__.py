"""The page One point."""
