"""The data of a program: a known distribution's own sampler, or a fixed set of points written into it."""

import base64
import io
import zlib

import numpy as np

from realnvp.config import TrainingConfig
from realnvp.datasets import DISTRIBUTIONS
from realnvp.export.sections.section import Section, block
from realnvp.export.source import excerpt
from realnvp.point_store import load

# A program draws points; densities stay behind.
METHODS = {"Boxes": ["sample"], "Curves": ["sample"], "Sheared": ["sample"], "StudentT": ["sample"]}
BASE64_WIDTH = 116


def data(config: TrainingConfig) -> Section:
    """Points that are no longer kept are a ValueError."""
    return fixed_points(config) if config.fixed_points else known_distribution(config)


def known_distribution(config: TrainingConfig) -> Section:
    from realnvp.data import HELD_OUT_SEED, N_HELD_OUT, held_out

    numbers = "NOISE" if config.parts is None else "NOISE, PARTS"
    sampler = excerpt([("realnvp.distributions.shelf", config.dataset)], methods=METHODS)
    reference = held_out(config.dataset, config.noise, config.parts)
    code = f"""
        distribution = {config.dataset}({numbers})
        # Points that the flow is not trained on: it is judged on them.
        held_out, labels = distribution.sample({N_HELD_OUT:_}, torch.Generator().manual_seed({HELD_OUT_SEED}))
        # The true density is known, with this {numbers}: no model can have a lower NLL than its entropy.
        ENTROPY = {reference.truth.entropy!r}  # nats
        TRUE_NLL = {-float(reference.log_prob.mean())!r}  # nats, of the true density at the held-out points


        def batch(generator: torch.Generator) -> Tensor:
            \"\"\"Fresh points for one epoch: (BATCH_SIZE, 2).\"\"\"
            return distribution.sample(BATCH_SIZE, generator)[0]
    """
    dataset = DISTRIBUTIONS[config.dataset]
    return Section(
        f"The data: {dataset.title}",
        f"{dataset.teaches} Every epoch draws new points, so nothing can be learned by heart.",
        f"{sampler.text}\n\n{block(code)}",
        frozenset(sampler.imports | {("torch", "Tensor")}),
    )


def fixed_points(config: TrainingConfig) -> Section:
    from realnvp.data import HELD_OUT_SEED, HELD_OUT_SHARE, N_HELD_OUT

    points = load(config.dataset)
    code = f"""
        def unpacked(text: str) -> Tensor:
            \"\"\"The numbers of an .npy file that was compressed and written as text.\"\"\"
            return torch.tensor(np.load(io.BytesIO(zlib.decompress(base64.b64decode(text))), allow_pickle=False))


        points, labels = unpacked(POINTS), unpacked(LABELS).long()
        # A fifth is held out: the flow is judged on it. The seed decides which points these are.
        order = torch.randperm(len(points), generator=torch.Generator().manual_seed({HELD_OUT_SEED} + SEED))
        points, labels = points[order], labels[order]
        n_held_out = min({N_HELD_OUT:_}, round({HELD_OUT_SHARE} * len(points)))
        held_out, trained_on = points[:n_held_out].float(), points[n_held_out:].float().to(DEVICE)
        # The flow sees the points in units of their own spread, so that all others need not be near 1.
        mean, std = points[n_held_out:].mean(0).float(), points[n_held_out:].std(0).float()


        def batch(generator: torch.Generator) -> Tensor:
            \"\"\"Points for one epoch, drawn with replacement: (BATCH_SIZE, 2).\"\"\"
            return trained_on[torch.randint(len(trained_on), (BATCH_SIZE,), generator=generator, device=DEVICE)]
    """
    packed = f'POINTS = """\n{packed_text(points.points)}\n"""\nLABELS = """\n{packed_text(points.labels)}\n"""\n'
    return Section(
        "The data: a fixed set of points",
        "The points (n, 2) in float64 and their colour classes, as compressed .npy files in base64.",
        f"{packed}\n\n{block(code)}",
        frozenset({("base64", ""), ("io", ""), ("zlib", ""), ("numpy", ""), ("torch", "Tensor")}),
    )


def packed_text(array: np.ndarray) -> str:
    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    text = base64.b64encode(zlib.compress(content.getvalue(), 9)).decode()
    return "\n".join(text[start : start + BASE64_WIDTH] for start in range(0, len(text), BASE64_WIDTH))
