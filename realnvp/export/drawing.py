"""A picture as SVG text: what an exported program draws with, having no library for it."""

from html import escape

import torch
from torch import Tensor

SIDE = 300  # of a panel, in pixels


def picture(
    title: str, x: Tensor, latent: Tensor, samples: Tensor, colours: list[str], losses: list[float], *, one_unit: bool
) -> str:
    """Input, latent and new points (n, 2) side by side over the loss; ``one_unit``: x1 and x2 at the same scale."""
    corners, grey = data_corners(x, one_unit=one_unit), ["#8a90a0"] * len(samples)
    content = [
        f'<text x="20" y="24" font-size="18">{escape(title)}</text>',
        panel("Input", x, colours, corners, 20),
        panel("Latent", latent, colours, torch.tensor([[-3.7, -3.7], [3.7, 3.7]]), 350),
        panel("Inverted: new samples", samples, grey, corners, 680),
        loss_curve(torch.tensor(losses)),
    ]
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 720" font-family="sans-serif" font-size="14">'
    return f'{head}<rect width="1000" height="720" fill="#ffffff"/>{"".join(content)}</svg>'


def data_corners(x: Tensor, *, one_unit: bool) -> Tensor:
    """The lower left and upper right (2, 2) of what holds nearly all points (n, 2), with some room."""
    low, high = x.quantile(0.01, 0), x.quantile(0.99, 0)
    reach = 0.7 * (high - low)
    if one_unit:
        reach = reach.max().expand(2)
    return (low + high) / 2 + torch.stack([-reach, reach])


def panel(title: str, points: Tensor, colours: list[str], corners: Tensor, left: int) -> str:
    """Points (n, 2) as dots."""
    places = SIDE * (points - corners[0]) / (corners[1] - corners[0])
    dots = [
        f'<circle cx="{x:.1f}" cy="{SIDE - y:.1f}" r="1.5" fill="{colour}"/>'
        for (x, y), colour in zip(places.tolist(), colours, strict=True)
        if 0 <= x <= SIDE and 0 <= y <= SIDE
    ]
    return frame(title, SIDE, left, 60, "".join(dots))


def loss_curve(losses: Tensor) -> str:
    """The loss over the epochs; spikes are cut off."""
    low, high = losses.min(), losses.quantile(0.98)
    x = torch.linspace(0, 960, len(losses))
    y = SIDE - SIDE * (losses.clamp(max=high) - low) / (high - low).clamp(min=1e-6)
    every = max(1, len(losses) // 1000)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x[::every], y[::every], strict=True))
    title = f"Loss, from {low:.3f} to {high:.3f} nats, over {len(losses):,} epochs"
    return frame(title, 960, 20, 400, f'<polyline points="{points}" fill="none" stroke="#4c6fe0"/>')


def frame(title: str, width: int, left: int, top: int, inside: str) -> str:
    """A box with a title."""
    box = f'<rect width="{width}" height="{SIDE}" fill="none" stroke="#c0c0c0"/><text y="-6">{title}</text>'
    return f'<g transform="translate({left} {top})">{box}{inside}</g>'
