"""Real data to begin with, as scikit-learn brings it: nothing is downloaded."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from realnvp.own.table import Table


@dataclass(frozen=True)
class Sample:
    """A table with a column for each coordinate and for the colour that make a good first picture."""

    title: str
    about: str
    load: Callable[[], Table]
    x: str
    y: str
    colour: str


def iris() -> Table:
    from sklearn.datasets import load_iris

    return with_classes(load_iris(), "species")


def wine() -> Table:
    from sklearn.datasets import load_wine

    return with_classes(load_wine(), "cultivar")


def breast_cancer() -> Table:
    from sklearn.datasets import load_breast_cancer

    return with_classes(load_breast_cancer(), "diagnosis")


def diabetes() -> Table:
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    return Table(features(data) | {"progression": data.target.astype(np.float64)})


def features(data) -> dict[str, np.ndarray]:
    return {
        str(name): np.ascontiguousarray(column) for name, column in zip(data.feature_names, data.data.T, strict=True)
    }


def with_classes(data, name: str) -> Table:
    """The features of a classification task, and the class of each row by its name."""
    return Table(features(data) | {name: np.array([str(c) for c in data.target_names], object)[data.target]})


SAMPLES = {
    "iris": Sample(
        "Iris",
        "150 flowers of three species, measured by Edgar Anderson: one lies apart, two touch (Fisher 1936).",
        iris,
        "petal length (cm)",
        "sepal width (cm)",
        "species",
    ),
    "wine": Sample(
        "Wine",
        "178 Italian wines of three cultivars, by chemical analysis (Forina et al. 1988).",
        wine,
        "flavanoids",
        "color_intensity",
        "cultivar",
    ),
    "breast_cancer": Sample(
        "Breast cancer",
        "569 tumours, benign or malignant, by the shape of their cell nuclei in Wisconsin (Street et al. 1993).",
        breast_cancer,
        "mean radius",
        "mean concave points",
        "diagnosis",
    ),
    "diabetes": Sample(
        "Diabetes",
        "442 patients and how far their diabetes progressed in a year (Efron et al. 2004).",
        diabetes,
        "bmi",
        "bp",
        "progression",
    ),
}
