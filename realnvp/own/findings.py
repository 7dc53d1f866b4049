"""What a person should know of points before a flow learns them."""

import numpy as np

from realnvp.own.wording import counted

MANY_DUPLICATES = 0.05  # share of points
FAR = 8  # scaled median absolute deviations from the median
FEW_VALUES = 100
ON_A_LINE = 1e-4  # one minus the size of the correlation


def findings_about(points: np.ndarray, axes: tuple[str, str]) -> list[str]:
    """Sentences on duplicates, outliers, values that repeat and points on a line: points (n, 2)."""
    findings = []
    duplicates = 1 - len(np.unique(points.view(complex))) / len(points)  # as complex numbers, for speed
    if duplicates >= MANY_DUPLICATES:
        findings.append(f"{duplicates:.0%} of the points are duplicates of others.")
    for name, values in zip(axes, points.T, strict=True):
        n_values = len(np.unique(values))
        if n_values <= FEW_VALUES and n_values < len(values) / 3:
            findings.append(f'"{name}" has only {n_values} different values: the density may become spiky.')
    if n_far := np.count_nonzero((deviations(points) > FAR).any(axis=1)):
        lie = counted(n_far, "point lies", "points lie")
        findings.append(f"{lie} very far from the others, which may end up small and close together.")
    if 1 - abs(correlation(points)) < ON_A_LINE:
        findings.append("The points lie (nearly) on one straight line: there is little for a flow to learn.")
    return findings


def deviations(points: np.ndarray) -> np.ndarray:
    """Distance of each coordinate from its median, in median absolute deviations scaled to a Gaussian's sigma: (n, 2).

    Zero where more than half of the values are the same, for then there is no such scale.
    """
    distances = np.abs(points - np.median(points, axis=0))
    scale = 1.4826 * np.median(distances, axis=0)
    return distances / np.where(scale > 0, scale, np.inf)


def correlation(points: np.ndarray) -> float:
    """Pearson's, of coordinates first brought to a size whose squares neither overflow nor vanish."""
    centred = points - points.mean(axis=0)
    centred /= np.abs(centred).max(axis=0)
    x, y = centred.T
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))
