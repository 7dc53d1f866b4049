"""Follows points through a flow, for pictures: what the panels and pages show, as plain arrays."""

import math

import numpy as np
import torch
from torch import Tensor

from realnvp.coupling import AffineCoupling
from realnvp.data import HeldOut, TrainingPoints
from realnvp.flow import RealNVP
from realnvp.snapshot import Curves, FilmFrame, Grid, Journey, Mesh, Snapshot, View

SAMPLE_SEED = 4_016_050_804
JOURNEY_POINTS, JOURNEY_STEPS = 1_000, 8_000  # most points that travel, and most points times layers
FILM_POINTS = 500
GRID_LINES, GRID_VERTICES, GRID_STEPS = 21, 60, 40_000  # each way; at most on a line; most vertices times layers
MESH_SIDE, MESH_STEPS, MESH_SIGMA = 72, 60_000, 3.5  # at most; most vertices times layers; its reach in latent space


@torch.no_grad()
def take_snapshot(flow: RealNVP, epoch: int, shown: HeldOut | TrainingPoints, n: int) -> Snapshot:
    """The first n points through the flow and back, and n new samples."""
    journey_points = min(JOURNEY_POINTS, JOURNEY_STEPS // len(flow.layers))
    x = shown.points[:n].to(next(flow.parameters()))
    z, _ = flow(x)
    return Snapshot(
        epoch=epoch,
        input=as_array(x),
        labels=shown.labels[:n].to(torch.uint8).numpy(),
        latent=as_array(z),
        samples=as_array(flow.sample(n, generator=torch.Generator().manual_seed(SAMPLE_SEED))),
        back=as_array(flow.inverse(z)[0]),
        journey=take_journey(flow, x[:journey_points]),
        weights={name: value.cpu().numpy().copy() for name, value in flow.state_dict().items()},
    )


@torch.no_grad()
def take_film_frame(flow: RealNVP, epoch: int, shown: HeldOut | TrainingPoints) -> FilmFrame:
    """The first points in latent space, and as many new samples."""
    x = shown.points[:FILM_POINTS].to(next(flow.parameters()))
    samples = flow.sample(FILM_POINTS, generator=torch.Generator().manual_seed(SAMPLE_SEED))
    return FilmFrame(epoch, as_array(flow(x)[0]), as_array(samples))


@torch.no_grad()
def take_journey(flow: RealNVP, points: Tensor) -> Journey:
    """Follows points (n, 2) of the data space through every layer."""
    x, _ = flow.standardise(points)
    s, t, changed, start = [], [], [], as_array(x)
    for layer in flow.layers:
        layer_s, layer_t = layer.scale_and_shift(layer.split(x)[0])
        s.append(as_array(layer_s[:, 0]))
        t.append(as_array(layer_t[:, 0]))
        changed.append(int(layer.changed[0]))
        x, _ = layer(x)
    return Journey(start, np.stack(s), np.stack(t), tuple(changed))


@torch.no_grad()
def take_grid(flow: RealNVP, view: View) -> Grid:
    """Follows a grid of straight lines over a view of the data space."""
    x_low, x_high, y_low, y_high = view
    each = min(GRID_VERTICES, GRID_STEPS // (2 * GRID_LINES * len(flow.layers)))
    columns = torch.cartesian_prod(torch.linspace(x_low, x_high, GRID_LINES), torch.linspace(y_low, y_high, each))
    rows = torch.cartesian_prod(torch.linspace(y_low, y_high, GRID_LINES), torch.linspace(x_low, x_high, each))
    vertices = torch.cat([columns, rows.flip(1)]).to(next(flow.parameters()))
    return Grid(2 * GRID_LINES, take_journey(flow, vertices))


@torch.no_grad()
def take_mesh(flow: RealNVP) -> Mesh:
    """Follows the cells that end as a regular mesh in latent space: where the density is high they are small."""
    side = min(MESH_SIDE, math.isqrt(MESH_STEPS // len(flow.layers)))
    places = torch.linspace(-MESH_SIGMA, MESH_SIGMA, side).to(next(flow.parameters()))
    x, _ = flow.inverse(torch.cartesian_prod(places, places))
    return Mesh(side, take_journey(flow, x), as_array(flow.log_prob(x) - flow.standardise(x)[1]))


@torch.no_grad()
def take_curves(layer: AffineCoupling, low: float, high: float, n: int = 240) -> Curves:
    """A 2-D layer's s and t over a range of the coordinate that stays."""
    kept = torch.linspace(low, high, n)
    s, t = layer.scale_and_shift(kept[:, None])
    return Curves(as_array(kept), as_array(s[:, 0]), as_array(t[:, 0]))


def partway(flow: RealNVP, x: Tensor, place: float) -> tuple[Tensor, Tensor]:
    """Data -> a place between the layers: x (n, dim) -> y (n, dim), log_det (n,).

    Place 0 is before the first layer, standardised; 2.5 is after two whole layers and half of the third.
    """
    x, log_det = flow.standardise(x)
    for layer, u in parts(flow, place):
        x, part_log_det = part_of(layer, x, u)
        log_det = log_det + part_log_det
    return x, log_det


def partway_inverse(flow: RealNVP, y: Tensor, place: float) -> tuple[Tensor, Tensor]:
    """A place between the layers -> data: y (n, dim) -> x (n, dim), log_det (n,) of this inverse map."""
    log_det = y.new_zeros(len(y))
    for layer, u in reversed(parts(flow, place)):
        y, part_log_det = part_of_inverse(layer, y, u)
        log_det = log_det + part_log_det
    x, unit_log_det = flow.unstandardise(y)
    return x, log_det + unit_log_det


def part_of(layer: AffineCoupling, x: Tensor, u: float) -> tuple[Tensor, Tensor]:
    """The part u of a layer, from 0 to 1: x (n, dim) -> y (n, dim), log_det (n,).

    x * exp(u * s) + u * t is for every u an invertible map with log-determinant u * s.
    """
    a, b = layer.split(x)
    s, t = layer.scale_and_shift(a)
    return layer.merge(a, b * (u * s).exp() + u * t), u * s.sum(1)


def part_of_inverse(layer: AffineCoupling, y: Tensor, u: float) -> tuple[Tensor, Tensor]:
    """Undoes ``part_of``: y (n, dim) -> x (n, dim), log_det (n,) of this inverse map."""
    a, b = layer.split(y)
    s, t = layer.scale_and_shift(a)
    return layer.merge(a, (b - u * t) * (-u * s).exp()), -u * s.sum(1)


def parts(flow: RealNVP, place: float) -> list[tuple[AffineCoupling, float]]:
    """The layers up to a place, each with the part of it that is done."""
    return [(layer, min(1.0, place - k)) for k, layer in enumerate(flow.layers) if place > k]


def as_array(x: Tensor) -> np.ndarray:
    return x.to("cpu", torch.float32).numpy()
