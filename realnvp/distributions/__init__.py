"""The densities of the datasets, each with its own exact mathematics; see ``realnvp.datasets``."""
