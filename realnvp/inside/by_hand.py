"""Couplings shaped by hand: simple functions of one coordinate in the place of a network's s and t.

The couplings that run are the flow's own: a ``RealNVP`` whose layers have a ``HandConditioner`` each.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from realnvp.data import held_out
from realnvp.flow import RealNVP
from realnvp.inside.shapes import Shape
from realnvp.snapshot import Journey
from realnvp.tracing import as_array, part_of, partway, take_journey

MAX_LOG_SCALE = 3.0  # as in the preset "Quick": |s| stays below it
N_POINTS = 400
MIDDLE = (0.5, 0.25)  # of the two moons
GRID_REACH, GRID_STEP = 2.0, 0.25


@dataclass(frozen=True)
class HandLayer:
    """What the user decides about one coupling. ``s`` is bounded by the coupling, as a network's is."""

    s: Shape
    t: Shape


class HandConditioner(nn.Module):
    """Stands where a coupling has its network: kept coordinate (n, 1) -> raw, t, each (n, 1)."""

    def __init__(self, layer: HandLayer) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, a: Tensor) -> tuple[Tensor, Tensor]:
        return self.layer.s(a), self.layer.t(a)


def hand_flow(layers: tuple[HandLayer, ...]) -> RealNVP:
    """A flow of these couplings with alternating masks: the first keeps x1, the second x2."""
    flow = RealNVP(n_layers=len(layers), max_log_scale=MAX_LOG_SCALE, hidden_features=1, generator=torch.Generator())
    for coupling, layer in zip(flow.layers, layers, strict=True):
        coupling.conditioner = HandConditioner(layer)
    return flow.double()


def there_and_back(flow: RealNVP, x: Tensor, place: float) -> tuple[Tensor, Tensor]:
    """The map at a place of the way: x (n, 2) -> y (n, 2), log_det (n,) of dy/dx.

    From 0 to n the layers are applied one after the other, from n to 2 n undone, last one first. Whole layers are
    undone by their ``inverse``; of a layer undone in part, the part that is left is u * s and u * t.
    """
    n = len(flow.layers)
    if place <= n:
        return partway(flow, x, place)
    y, log_det = flow(x)
    left = 2 * n - place
    whole = math.floor(left)
    for layer in reversed(flow.layers[whole:]):
        y, layer_log_det = layer.inverse(y)
        log_det = log_det + layer_log_det
    if left == whole:
        return y, log_det
    y, part_log_det = part_of(flow.layers[whole], y, left - whole)
    return y, log_det + part_log_det


def square(centre: tuple[float, float], side: float, each: int = 32) -> Tensor:
    """The outline of a square cell, counter-clockwise, ``each`` vertices a side: (4 * each, 2), float64."""
    along = torch.arange(each, dtype=torch.float64) / each - 0.5
    edge, end = torch.stack([along, torch.full_like(along, -0.5)], 1), torch.tensor([[0.0, 1.0], [-1.0, 0.0]]).double()
    sides = [edge @ torch.linalg.matrix_power(end, k) for k in range(4)]  # each turned by a quarter from the last
    return side * torch.cat(sides) + torch.tensor(centre, dtype=torch.float64)


def polygon_area(outline: Tensor) -> float:
    """Signed area of a polygon (m, 2), positive where it runs counter-clockwise (the shoelace formula)."""
    x, y = outline.T
    return float((x * y.roll(-1) - y * x.roll(-1)).sum() / 2)


@dataclass(frozen=True)
class Look:
    """All that the page shows of one place of the way. Coordinates and areas in data units; arrays are float32."""

    points: np.ndarray  # (n, 2) now
    grid: np.ndarray  # (m, 2) vertices of lines now, a row of NaN after each line
    cell: np.ndarray  # (k, 2) outline of the cell now
    area: float  # of the cell now, measured
    ratio: float  # area now / area before
    log_det: float  # at the middle of the cell, nats
    determinant: float  # exp(log_det)
    error: float  # largest distance of a point from where it began, after all layers and back
    middle: np.ndarray  # (layers + 1, 2) the middle of the cell before the first layer and after each
    cells: np.ndarray  # (layers + 1, k, 2) the outline of the cell there
    journey: Journey  # of the points through all layers


@torch.no_grad()
def look(flow: RealNVP, cell: tuple[float, float], side: float, place: float) -> Look:
    """The moons, the grid and a square cell at a place of the way. Computed in float64."""
    x, outline = moons()[0], square(cell, side)
    middle = torch.tensor([cell], dtype=torch.float64)
    sizes = [len(x), len(outline), 1]
    moved, log_det = there_and_back(flow, torch.cat([x, outline, middle, grid_lines()]), place)
    points, now, _, grid = moved.split([*sizes, len(moved) - sum(sizes)])
    _, cells, middles = flow.trajectory(torch.cat([x, outline, middle])).split(sizes, dim=1)
    area, log_det = polygon_area(now), float(log_det[sum(sizes) - 1])
    return Look(
        points=as_array(points),
        grid=as_array(grid),
        cell=as_array(now),
        area=area,
        ratio=area / polygon_area(outline),
        log_det=log_det,
        determinant=math.exp(log_det),
        error=float((flow.inverse(flow(x)[0])[0] - x).norm(dim=1).max()),
        middle=as_array(middles[:, 0]),
        cells=as_array(cells),
        journey=take_journey(flow, x),
    )


@cache
def moons() -> tuple[Tensor, np.ndarray]:
    """The first held-out points of the two moons, their middle at the origin: (n, 2) float64; labels (n,)."""
    reference = held_out("two_moons", 0.05)
    points = reference.points[:N_POINTS].double() - torch.tensor(MIDDLE, dtype=torch.float64)
    return points, reference.labels[:N_POINTS].to(torch.uint8).numpy()


@cache
def grid_lines() -> Tensor:
    """Straight lines both ways, a row of NaN after each: (m, 2), float64."""
    places = torch.arange(-GRID_REACH, GRID_REACH + GRID_STEP / 2, GRID_STEP, dtype=torch.float64)
    along = torch.linspace(-GRID_REACH, GRID_REACH, 41, dtype=torch.float64)
    columns = torch.stack(torch.meshgrid(places, along, indexing="ij"), -1)
    gap = torch.full_like(columns[:, :1], torch.nan)
    lines = torch.cat([columns, gap], 1).reshape(-1, 2)
    return torch.cat([lines, lines.flip(1)])
