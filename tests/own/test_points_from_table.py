import numpy as np
import pytest
from helpers import global_generators
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from own_files import gaussian

from realnvp.own.colours import colour_classes
from realnvp.own.table import Table, points_from_table
from realnvp.points import MOST_POINTS, BadData

X = gaussian(200, 3)


def table(**columns) -> Table:
    return Table({name: np.asarray(values) for name, values in columns.items()})


def points(made: Table, x: str = "x", y: str = "y", colour: str | None = None, **options):
    return points_from_table(made, x, y, colour, title="Mine", **options)


def test_two_columns_become_points_in_their_order():
    made = points(table(x=X[:, 0], z=X[:, 1], y=X[:, 2]))
    np.testing.assert_array_equal(made.points, X[:, [0, 2]])
    assert made.title == "Mine"
    assert made.axes == ("x", "y")
    assert made.classes == made.findings == ()
    assert not made.labels.any()
    np.testing.assert_array_equal(points(table(x=X[:, 0], y=X[:, 2]), "y", "x").points, X[:, [2, 0]])


def test_rows_with_missing_values_are_left_out_and_counted():
    x, y, kind = X[:, 0].copy(), X[:, 1].copy(), np.array(["u", "v"] * 100, object)
    x[3], y[5], x[7], y[7], kind[9] = np.nan, np.inf, -np.inf, np.nan, ""
    made = points(table(x=x, y=y, kind=kind), colour="kind")
    kept = np.delete(np.arange(200), [3, 5, 7, 9])
    np.testing.assert_array_equal(made.points, X[kept, :2])
    np.testing.assert_array_equal(made.labels, kept % 2)
    assert made.findings == ("4 rows with a missing or infinite value are left out.",)
    assert points(table(x=np.append(X[:, 0], np.nan), y=np.append(X[:, 1], 0))).findings == (
        "1 row with a missing or infinite value is left out.",
    )
    assert points(table(x=X[:, 0], y=X[:, 1], z=np.full(200, np.nan))).findings == ()


def test_too_many_rows_are_drawn_from_evenly_and_by_seed():
    n = 150_000
    many = table(x=np.arange(float(n)), y=gaussian(n)[:, 0])
    before = global_generators()
    made = points(many, seed=1)
    assert global_generators() == before
    assert len(made.points) == MOST_POINTS
    assert "100,000 of 150,000 rows are kept, chosen at random." in made.findings
    rows = made.points[:, 0].astype(int)
    assert (np.diff(rows) > 0).all()  # each at most once, in their order
    np.testing.assert_array_equal(made.points[:, 1], many.columns["y"][rows])
    thirds = np.bincount(rows // 50_000)
    assert np.abs(thirds - MOST_POINTS / 3).max() < 4 * np.sqrt(MOST_POINTS * 2 / 9 / 3)  # hypergeometric
    assert points(many, seed=1).digest == made.digest != points(many, seed=2).digest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("w", "y"), 'There is no column "w": choose one of x, y, kind, same'),
        (("x", "y", "w"), 'There is no column "w": choose one of x, y, kind, same'),
        (("x", "kind"), 'The column "kind" holds text: choose one of x, y, same'),
        (("x", "x"), 'Both coordinates are the column "x": choose two different ones'),
        (("x", "same"), 'All values of "same" are the same'),
    ],
)
def test_columns_that_make_no_points_are_refused(arguments, message):
    made = table(x=X[:, 0], y=X[:, 1], kind=np.array(["u"] * 200, object), same=np.ones(200))
    with pytest.raises(BadData, match=f"^{message}.*\\.$"):
        points(made, *arguments)


def test_fifty_rows_are_enough_and_forty_nine_are_not():
    assert len(points(table(x=X[:50, 0], y=X[:50, 1])).points) == 50
    few = X[:, 0].copy()
    few[49:] = np.nan
    with pytest.raises(BadData, match=r"^Only 49 rows have a value"):
        points(table(x=few, y=X[:, 1]))


def test_a_refusal_names_some_of_many_columns():
    with pytest.raises(BadData, match=r"one of c0, c1, .*, c9, …"):
        points(table(**{f"c{k}": X[:, 0] for k in range(1000)}))


# Findings.


def test_findings_of_the_table_come_first():
    made = Table({"x": X[:, 0], "y": np.append(X[1:, 1], np.nan)}, ("Read with care.",))
    assert points(made).findings == ("Read with care.", "1 row with a missing or infinite value is left out.")


def findings(x, y) -> tuple[str, ...]:
    return points(table(x=x, y=y)).findings


def test_duplicates():
    twice = np.concatenate([X, X[:50]])  # 50 of 250
    assert findings(twice[:, 0], twice[:, 1]) == ("20% of the points are duplicates of others.",)
    few = np.concatenate([X, X[:9]])
    assert findings(few[:, 0], few[:, 1]) == ()


def test_outliers():
    x, y = X[:, 0].copy(), X[:, 1].copy()
    assert findings(x, y) == ()
    x[0] = 50
    assert findings(x, y) == ("1 point lies very far from the others, which may end up small and close together.",)
    y[0], y[1] = 50, -50
    (finding,) = findings(x, y)
    assert finding.startswith("2 points lie very far")


def test_no_gaussian_has_outliers_at_any_scale_and_place():
    for seed in range(20):
        x = gaussian(20_000, seed=seed)
        assert findings(x[:, 0] * 1e-6 + 3e-3, x[:, 1] * 1e9 - 1e12) == ()


def test_values_that_repeat():
    (finding,) = findings(X[:, 0], (X[:, 1] * 3).round())
    assert finding.startswith('"y" has only ')
    assert finding.endswith(" different values: the density may become spiky.")
    assert findings(X[:, 0], (X[:, 1] * 100).round()) == ()


def test_points_on_a_line():
    line = "The points lie (nearly) on one straight line: there is little for a flow to learn."
    assert findings(X[:, 0], X[:, 0]) == (line,)
    assert findings(X[:, 0], 5 - 3e9 * X[:, 0]) == (line,)
    assert findings(X[:, 0], X[:, 0] + 0.005 * X[:, 1]) == (line,)
    assert findings(X[:, 0], X[:, 0] + 0.05 * X[:, 1]) == ()
    assert findings(X[:, 0] * 1e29, -X[:, 0] * 1e-29) == (line,)


# Colours.


def test_few_values_are_a_class_each():
    labels, classes = colour_classes(np.array(["b", "a", "c", "a"] * 20, object))
    assert classes == ("a", "b", "c")
    assert labels[:4].tolist() == [1, 0, 2, 0]
    labels, classes = colour_classes(np.array([10, 2, 0.5, 2]))
    assert classes == ("0.5", "2", "10")
    assert labels.tolist() == [2, 1, 0, 1]


def test_of_many_words_the_seven_most_frequent_are_classes():
    words = np.array([word for k, word in enumerate("zyxwvutsrq") for _ in range(20 - k)], object)
    labels, classes = colour_classes(words)
    assert classes == ("t", "u", "v", "w", "x", "y", "z", "others")
    for word, label in zip(words, labels, strict=True):
        assert classes[label] == (word if word >= "t" else "others")


def test_many_numbers_are_put_in_bands_of_equally_many_with_their_range():
    values = np.random.default_rng(0).exponential(size=800)
    labels, classes = colour_classes(values)
    assert np.bincount(labels).tolist() == [100] * 8
    order = np.sort(values).reshape(8, 100)
    assert classes == tuple(f"{band[0]:.4g} to {band[-1]:.4g}" for band in order)
    assert (np.diff(labels[np.argsort(values)].astype(int)) >= 0).all()


@pytest.mark.parametrize("frequent", [0.0, 40.0, 80.0])
def test_a_number_that_is_most_of_a_column_does_not_take_all_bands(frequent):
    values = np.concatenate([np.full(900, frequent), np.arange(81.0)])
    labels, classes = colour_classes(values)
    assert len(classes) == 8
    assert np.bincount(labels[900:]).tolist() == [10] * 7 + [11]


def test_two_frequent_numbers_leave_fewer_bands():
    values = np.concatenate([np.full(500, 2.0), np.full(500, 5.0), np.arange(9.0)])
    assert colour_classes(values)[1] == ("0 to 1", "2 to 3", "4", "5 to 8")


@given(hnp.arrays(float, st.integers(1, 60), elements=st.floats(-100, 100) | st.sampled_from([0.0, 1.0])))
def test_bands_are_ordered_and_none_is_empty(values):
    labels, classes = colour_classes(values)
    assert min(2, len(np.unique(values))) <= len(classes) <= 8
    assert labels.dtype == np.uint8
    assert set(labels) == set(range(len(classes)))
    for k in range(1, len(classes)):
        assert values[labels < k].max() < values[labels >= k].min()


@given(st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=60))
def test_a_word_has_one_class_and_the_more_frequent_keep_their_own(words):
    labels, classes = colour_classes(np.array(words, object))
    assert set(labels) == set(range(len(classes)))
    assert len(classes) <= 8
    assert len({(word, label) for word, label in zip(words, labels, strict=True)}) == len(set(words))
    if len(set(words)) > 8:
        alone = {word for word, label in zip(words, labels, strict=True) if label < 7}
        assert len(alone) == 7
        assert min(map(words.count, alone)) >= max(words.count(word) for word in set(words) - alone)


def test_a_long_name_of_a_class_is_shortened():
    _, classes = colour_classes(np.array(["a" * 500, "b\nc"], object))
    assert classes == ("a" * 39 + "…", "b c")
