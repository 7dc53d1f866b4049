"""Training runs in the background: worker processes, and the engine that keeps them."""
