"""Densities as figures."""

from plotly.colors import sample_colorscale


def density_shades(n: int) -> list[str]:
    """Colours for low to high density: viridis, the lowest nearly clear so that they sit on any background."""
    colours = sample_colorscale("Viridis", n, colortype="tuple")
    return [
        f"rgba({', '.join(str(round(255 * part)) for part in colour)}, {0.25 + 0.75 * min(1, 3 * i / n):.2f})"
        for i, colour in enumerate(colours)
    ]
