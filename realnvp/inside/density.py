"""The learned density over a view of the data space, beside the true one."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from realnvp.datasets import Distribution
from realnvp.flow import RealNVP
from realnvp.snapshot import View

MOST_CELLS, MOST_POINTS = 16_000, 150_000  # of a map, and at which it evaluates the flow
WORK = 40_000_000_000  # multiplications that a map may take: a second or two
WORK_GOING = 15_000_000_000  # ... while the run goes, which makes the map of every picture anew
EMPTY = 1e-3  # of the true density's peak: what is below counts as off the data
UNSEEN = 2e-4  # learned probability, at most, of the cells of which only the centre is looked at
FINEST_DETAIL = 0.05  # standard deviations: how fine a learned density is looked at where no truth says how fine it is
HIGHEST = 80.0  # nats; a greater log-density, which only a broken flow has, would not fit into float32


@dataclass(frozen=True)
class DensityMap:
    """Mean densities over the cells of a view (rows, columns) per unit area, float32, lowest row first."""

    view: View
    learned: np.ndarray
    integral: float  # of the learned density over the view
    integral_error: float  # about how far it may be off, because it is a sum over finitely many points
    true: "TrueMap | None"  # where the truth is known

    @property
    def peak(self) -> float:
        """The greatest true density; where that is not known, the density below which 99% of samples lie."""
        if self.true is not None:
            return float(self.true.density.max())
        densities = np.sort(self.learned, axis=None)
        share = np.cumsum(densities, dtype=np.float64)
        return float(densities[np.searchsorted(share, 0.99 * share[-1])])


@dataclass(frozen=True)
class TrueMap:
    """The true mean densities over the same cells, and what they say of the learned ones."""

    density: np.ndarray
    integral: float
    off_data: float  # true probability in the view where the true density is below EMPTY of its peak
    learned_off_data: float  # learned probability there


@torch.no_grad()
def take_density_map(flow: RealNVP, truth: Distribution | None, view: View, *, work: int = WORK) -> DensityMap:
    """The learned density over a view, from the change of variables (paper eq. 2), and the true one, exact.

    The learned density of a cell is the mean over points in it that lie closer than the noise is wide; where there is
    next to nothing, of either density, its value at the cell's centre.
    """
    most = min(MOST_POINTS, work // sum(p.numel() for p in flow.parameters()))
    x_std, y_std = flow.std.tolist()
    x_edges, y_edges = edges(view, min(MOST_CELLS, max(400, most // 5)), stretch=y_std / x_std)
    width, height = float(x_edges[1] - x_edges[0]), float(y_edges[1] - y_edges[0])
    area = width * height

    y, x = torch.meshgrid(y_edges[:-1] + height / 2, x_edges[:-1] + width / 2, indexing="ij")
    centres = torch.stack([x, y], -1)  # (rows, columns, 2)
    learned = learned_density(flow, centres.reshape(-1, 2)).view_as(x)

    true = truth and truth.masses(x_edges, y_edges) / area  # (rows, columns)
    off = None if true is None else true < EMPTY * true.max()
    seen = learned * area > UNSEEN / learned.numel()
    looked_into = grown(seen if off is None else seen | ~off)
    finest = math.isqrt(max(0, most - learned.numel()) // max(1, int(looked_into.sum())))
    detail = truth.noise if truth else FINEST_DETAIL
    wanted = math.ceil(2 * max(width / x_std, height / y_std) / detail)
    k = 2 * max(1, min(wanted, finest // 2))  # points each way, an even number
    within = (torch.arange(k, dtype=torch.float64) + 0.5) / k - 0.5
    offsets = torch.cartesian_prod(within, within) * torch.tensor([width, height])
    parts = learned_density(flow, (centres[looked_into][:, None] + offsets).reshape(-1, 2)).view(-1, k * k)
    learned[looked_into] = parts.mean(1)
    # Half of the points, as the black squares of a chessboard, give nearly the same. The sum is less off than that.
    black = (torch.arange(k)[:, None] + torch.arange(k)).flatten() % 2 == 0
    error = abs(float((parts[:, black].mean(1) - parts.mean(1)).sum())) * area + UNSEEN
    return DensityMap(
        view=view,
        learned=learned.numpy().astype(np.float32),
        integral=float(learned.sum()) * area,
        integral_error=error,
        true=None
        if true is None
        else TrueMap(
            density=true.numpy().astype(np.float32),
            integral=float(true.sum()) * area,
            off_data=float(true[off].sum()) * area,
            learned_off_data=float(learned[off].sum()) * area,
        ),
    )


def edges(view: View, cells: int, *, stretch: float = 1.0) -> tuple[Tensor, Tensor]:
    """Edges of at most about so many cells over a view: x (columns + 1,), y (rows + 1,), float64.

    The cells are nearly square, or ``stretch`` times as high as they are wide.
    """
    x_low, x_high, y_low, y_high = view
    columns = max(2, round(math.sqrt(cells * stretch * (x_high - x_low) / (y_high - y_low))))
    rows = max(2, cells // columns)
    options = {"dtype": torch.float64}
    return torch.linspace(x_low, x_high, columns + 1, **options), torch.linspace(y_low, y_high, rows + 1, **options)


def grown(cells: Tensor) -> Tensor:
    """Cells (rows, columns), True or False, with all their neighbours."""
    return torch.nn.functional.max_pool2d(cells[None].float(), 3, stride=1, padding=1)[0] > 0


@torch.no_grad()
def learned_log_prob(flow: RealNVP, x: Tensor) -> Tensor:
    """Learned log-density in nats, float64, at x (n, 2): (n,).

    A point that the flow sends further than its numbers reach has no log-density that is a number: its density is 0.
    """
    x = x.to(next(flow.parameters()))
    log_prob = torch.cat([flow.log_prob(part) for part in x.split(8192)]).double()
    return log_prob.nan_to_num(nan=-math.inf, neginf=-math.inf).clamp(max=HIGHEST)


def learned_density(flow: RealNVP, x: Tensor) -> Tensor:
    """Learned density per unit area, float64, at x (n, 2): (n,)."""
    return learned_log_prob(flow, x).exp()
