"""The colour classes that a column's values make: at most eight, with names."""

import numpy as np

from realnvp.own.wording import shortened
from realnvp.points import MOST_CLASSES

OTHERS = "others"


def colour_classes(values: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Class of each value (n,) uint8, and the classes' names. The values are text, or finite numbers.

    Up to eight different values are a class each. Of more, numbers are put in bands of about equally many, and of text
    the seven most frequent are classes and the rest is the eighth.
    """
    different, codes = np.unique(values, return_inverse=True)
    if len(different) <= MOST_CLASSES:
        return codes.astype(np.uint8), tuple(name_of(value) for value in different)
    return bands(values) if values.dtype.kind == "f" else most_frequent(different, codes)


def bands(values: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Numbers between their quantiles; fewer than eight bands where many values are the same."""
    shares = np.arange(1, MOST_CLASSES) / MOST_CLASSES
    bounds = np.quantile(values, shares)
    if bounds[0] == bounds[-1]:  # most are the same: then the bands are of equally many different values
        bounds = np.quantile(np.unique(values), shares)
    _, labels = np.unique(np.searchsorted(bounds, values, side="right"), return_inverse=True)
    return labels.astype(np.uint8), tuple(range_of(values[labels == k]) for k in range(labels.max() + 1))


def most_frequent(different: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Text: the most frequent values in the order of the alphabet, then the others."""
    by_count = np.argsort(-np.bincount(codes), kind="stable")
    kept = np.sort(by_count[: MOST_CLASSES - 1])
    label_of = np.full(len(different), MOST_CLASSES - 1, np.uint8)
    label_of[kept] = np.arange(MOST_CLASSES - 1)
    return label_of[codes], (*(name_of(different[k]) for k in kept), OTHERS)


def range_of(numbers: np.ndarray) -> str:
    low, high = name_of(numbers.min()), name_of(numbers.max())
    return low if low == high else f"{low} to {high}"


def name_of(value: float | str) -> str:
    return shortened(value, 40) if isinstance(value, str) else f"{value:.4g}"
