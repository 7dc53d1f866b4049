"""Densities as figures."""

from plotly.colors import sample_colorscale


def density_shades(n: int) -> list[str]:
    """Colours for low to high density: viridis, of which the lowest fade into the page's background."""
    shades = [0.25 + 0.75 * min(1, 3 * i / n) for i in range(n)]
    colours = sample_colorscale("Viridis", n)
    return [
        f"color-mix(in srgb, {colour} {shade:.0%}, var(--st-background-color))"
        for colour, shade in zip(colours, shades, strict=True)
    ]
