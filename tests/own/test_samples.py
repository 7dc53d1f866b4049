import numpy as np
import pytest
import sklearn.datasets

from realnvp.own.samples import SAMPLES
from realnvp.own.table import points_from_table

ROWS = {"iris": 150, "wine": 178, "breast_cancer": 569, "diabetes": 442}


def test_every_sample_is_tested():
    assert list(SAMPLES) == list(ROWS)


@pytest.mark.parametrize("name", ROWS)
def test_features_are_scikit_learns(name):
    options = {"scaled": False} if name == "diabetes" else {}
    theirs = getattr(sklearn.datasets, f"load_{name}")(as_frame=True, **options)
    table = SAMPLES[name].load()
    assert table.rows == ROWS[name]
    for feature in theirs.data:
        np.testing.assert_array_equal(table.columns[feature], theirs.data[feature])
    (last,) = set(table.columns) - set(theirs.data)
    assert list(table.columns)[-1] == last
    if name == "diabetes":
        np.testing.assert_array_equal(table.columns[last], theirs.target)
    else:
        assert table.columns[last].tolist() == [str(theirs.target_names[k]) for k in theirs.target]
        assert table.numeric == list(theirs.data)


@pytest.mark.parametrize("name", ROWS)
def test_the_columns_proposed_make_points_in_colours(name):
    sample = SAMPLES[name]
    made = points_from_table(sample.load(), sample.x, sample.y, sample.colour, title=sample.title)
    assert len(made.points) == ROWS[name]
    assert len(made.classes) == {"iris": 3, "wine": 3, "breast_cancer": 2, "diabetes": 8}[name]
    assert set(made.labels) == set(range(len(made.classes)))
    assert sample.about.endswith(".")
    assert str(ROWS[name]) in sample.about
