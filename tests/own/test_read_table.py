import io
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from helpers import global_generators
from hypothesis import example, given, settings
from hypothesis import strategies as st
from own_files import delimited, gaussian, npy, parquet

from realnvp.own.table import Table, read_table
from realnvp.points import BadData

X = gaussian(60)


def read(content: bytes) -> Table:
    return read_table(content, "points.txt")


def assert_columns(table: Table, expected: dict[str, list]) -> None:
    assert list(table.columns) == list(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(table.columns[name], np.array(values, table.columns[name].dtype))


# Text in every form.


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("header", ["größe,b", ""])
@pytest.mark.parametrize("point", [".", ","])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " "])
def test_separators_decimal_signs_headers_and_line_ends(separator, point, header, line_end):
    rows = ([f'"{repr(float(a)).replace(".", point)}"' if separator == "," else float(a) for a in row] for row in X)
    content = delimited(rows, separator, point, header.replace(",", separator))
    table = read(content.replace(b"\n", line_end.encode()))
    names = header.split(",") if header else ["column 1", "column 2"]
    assert_columns(table, dict(zip(names, X.T, strict=True)))
    assert table.numeric == names
    assert table.rows == 60
    assert table.findings == (("A comma within a number is read as a decimal comma.",) if point == "," else ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_encodings(encoding):
    rows = [[a, b, "Größe" if a > 0 else "Maß"] for a, b in X]
    content = delimited(rows, header="Länge,x,Maß").decode().encode(encoding)
    table = read(content)
    assert_columns(table, {"Länge": X[:, 0], "x": X[:, 1], "Maß": [row[2] for row in rows]})
    assert table.numeric == ["Länge", "x"]


def test_the_euro_sign_of_windows():
    assert read("price €;kg\n1,5;2,5\n".encode("cp1252")).numeric == ["price €", "kg"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("1,2\n3,4", {"column 1": [1, 3], "column 2": [2, 4]}),
        ("  1.5   2.5 \n -3\t4e2\n", {"column 1": [1.5, -3], "column 2": [2.5, 400]}),  # as numpy.savetxt, aligned
        ("1.5, 2.5\n3.5, 4.5\n", {"column 1": [1.5, 3.5], "column 2": [2.5, 4.5]}),
        ("1,5; 2,5\n3;4\n", {"column 1": [1.5, 3], "column 2": [2.5, 4]}),
        ("x\ty\n1,5\t2,5\n", {"x": [1.5], "y": [2.5]}),
        ("x,y\n\N{MINUS SIGN}1,+2\n.5,5.\n1E3,1e-3", {"x": [-1, 0.5, 1000], "y": [2, 5, 0.001]}),
        ("x,y\ninf,-Infinity\nNaN,1\n2,3\n", {"x": [np.inf, np.nan, 2], "y": [-np.inf, 1, 3]}),
        ("x,y\n1,NA\n-,2\nnull,3\n?,4\n5,\n", {"x": [1, np.nan, np.nan, np.nan, 5], "y": [np.nan, 2, 3, 4, np.nan]}),
        ("x,y\n1,two\n2,3\n3,4\n", {"x": [1, 2, 3], "y": [np.nan, 3, 4]}),
        ("a,b,c\n1,2,one\n3,4,\n", {"a": [1, 3], "b": [2, 4], "c": ["one", ""]}),
        (
            'name,x,y\n"Lovelace, Ada",1,2\n"a ""b""\nc",3,4\n',
            {"name": ["Lovelace, Ada", 'a "b"\nc'], "x": [1, 3], "y": [2, 4]},
        ),
        ('size,x,y\n5" pipe,1,2\n6,3,4\n7,5,6\n', {"size": [np.nan, 6, 7], "x": [1, 3, 5], "y": [2, 4, 6]}),
        ("x,x,,x\n1,2,3,4\n", {"x": [1], "x (2)": [2], "column 3": [3], "x (3)": [4]}),
        ("x (2),x,x\n1,2,3\n", {"x (2)": [1], "x": [2], "x (3)": [3]}),
        ('"a\n  b",y\n1,2\n', {"a b": [1], "y": [2]}),
        ("1_0,0x1,1 2,1.5,2.5\n", {f"column {k}": [v] for k, v in enumerate(["1_0", "0x1", "1 2", 1.5, 2.5], start=1)}),
        ("year,2020,2021\n1,2,3\n4,5,6\n", {"year": [1, 4], "2020": [2, 5], "2021": [3, 6]}),
        ("12345678901234567890123,1\n1,2\n", {"column 1": [12345678901234567890123, 1], "column 2": [1, 2]}),
        ("n;x\n1.234,5;1\n2;2\n3;3\n", {"n": [np.nan, 2, 3], "x": [1, 2, 3]}),
        (
            "v;w\n1.5;1\n2,5;2\n3.5;3",
            {"v": [1.5, np.nan, 3.5], "w": [1, 2, 3]},
        ),  # a comma beside points is no decimal comma
    ],
)
def test_cells(content, expected):
    assert_columns(read(content.encode()), expected)


def test_lines_of_other_lengths_are_left_out_and_said_so():
    content = b"# measured in May\n\n" + delimited(X, header="a,b") + b"\n\n1\n1,2,3\n"
    table = read(content)
    assert_columns(table, {"a": X[:, 0], "b": X[:, 1]})
    assert table.findings == ("3 lines with more or fewer cells than the others are left out.",)
    assert read(delimited(X) + b"\n1").findings == ("1 line with more or fewer cells than the others is left out.",)


def test_one_line_in_ten_may_be_ragged():
    even, ragged = b"1,2\n" * 900, b"1,2,3\n"
    assert read(even + ragged * 100).rows == 900
    with pytest.raises(BadData, match="different numbers of cells"):
        read(even + ragged * 101)


def test_a_cell_may_be_long_and_a_name_is_shortened():
    table = read(("n" * 200 + ",x,y\nb,3,4\n" + "a" * 1_000_000 + ",1,2\n").encode())
    assert [len(cell) for cell in table.columns["n" * 59 + "…"]] == [1, 1_000_000]
    assert max(len(cell) for cell in table.head()[1].values() if isinstance(cell, str)) < 100


@given(
    st.lists(st.tuples(*[st.floats(allow_nan=False, width=64)] * 3), min_size=2, max_size=20),
    st.sampled_from([",", ";", "\t", " ", "|"]),
    st.sampled_from(["utf-8", "utf-16"]),
)
def test_every_float_is_read_exactly(rows, separator, encoding):
    content = delimited(rows, separator).decode().encode(encoding)
    assert_columns(read(content), dict(zip(["column 1", "column 2", "column 3"], np.array(rows).T, strict=True)))


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=8)
words = names.filter(lambda word: not any(character.isdigit() for character in word))


@given(
    st.lists(st.tuples(words, st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), min_size=3, max_size=9),
    st.sampled_from(",;\t|"),
)
def test_text_is_read_as_pandas_has_written_it(rows, separator):
    frame = pd.DataFrame(rows, columns=["word", "x", "y"])
    table = read(frame.to_csv(index=False, sep=separator).encode())
    np.testing.assert_array_equal(table.columns["x"], frame["x"])
    np.testing.assert_array_equal(table.columns["y"], frame["y"])
    missing = ("", "-", "--", ".", "?", "na", "n/a", "#n/a", "nan", "null", "none")
    expected = [word.strip() if word.strip().lower() not in missing else "" for word in frame["word"]]
    if table.columns["word"].dtype == object:  # and not all of them missing or infinite
        assert table.columns["word"].tolist() == [word.replace("\N{MINUS SIGN}", "-") for word in expected]


# Arrays and Parquet.


@pytest.mark.parametrize("dtype", ["f2", "<f4", ">f8", "i1", "<u2", ">i8", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays(dtype, order):
    array = np.array((gaussian(60, 3) * 10).clip(0), dtype, order=order)
    table = read(npy(array))
    assert_columns(table, dict(zip(["column 1", "column 2", "column 3"], array.astype(float).T, strict=True)))


PLAIN = {
    "double": pa.array([1.5, None, np.nan, np.inf, 3]),
    "half": pa.array(np.array([1, 2, 3, 4, 5], np.float16)),
    "integer": pa.array([1, None, 3, 4, 2**60 + 1]),
    "unsigned": pa.array([1, 2, 3, 4, 2**64 - 1], pa.uint64()),
    "decimal": pa.array([1, 2, 3, 4, 5]).cast(pa.decimal128(30, 2)),
    "numbers as text": pa.array(["1,5", "2", None, "x", "3"]),
    "truth": pa.array([True, None, False, True, True]),
    "text": pa.array(["a", None, "", "b ", "a"]),
    "large text": pa.array(["a", None, "", "b", "a"], pa.large_string()),
    "category": pa.array(["u", None, "v", "u", "u"]).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())),
}
OTHER = {
    "list": pa.array([[1.0]] * 5),
    "struct": pa.array([{"double": 1.0}] * 5),
    "time": pa.array([0] * 5, pa.timestamp("us")),
    "bytes": pa.array([b"\xff"] * 5),
}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"row_group_size": 2},
        {"compression": "zstd", "use_dictionary": False},
        {"data_page_version": "2.0", "use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}},
    ],
)
def test_parquet(options):
    table = read(parquet(PLAIN | OTHER, **options))
    expected = {
        "double": [1.5, np.nan, np.nan, np.inf, 3],
        "half": [1, 2, 3, 4, 5],
        "integer": [1, np.nan, 3, 4, 2.0**60],
        "unsigned": [1, 2, 3, 4, 2.0**64],
        "decimal": [1, 2, 3, 4, 5],
        "numbers as text": [1.5, 2, np.nan, np.nan, 3],
        "truth": ["true", "", "false", "true", "true"],
        "text": ["a", "", "", "b", "a"],
        "large text": ["a", "", "", "b", "a"],
        "category": ["u", "", "v", "u", "u"],
    }
    assert_columns(table, expected)
    assert table.numeric == list(expected)[:6]
    assert table.findings == (
        "A comma within a number is read as a decimal comma.",
        "Columns that hold something other than numbers or text are left out: list, struct, time, bytes.",
    )


def test_parquet_as_pandas_writes_it():
    frame = pd.DataFrame(
        {"x": X[:, 0], "y.z": X[:, 1], "kind": pd.Categorical(["a", "b"] * 30)}, index=np.arange(60) * 2
    )
    content = io.BytesIO()
    frame.to_parquet(content)
    table = read(content.getvalue())
    assert list(table.columns) == ["x", "y.z", "kind", "__index_level_0__"]
    np.testing.assert_array_equal(table.columns["y.z"], X[:, 1])


def test_text_that_repeats_a_million_times_takes_room_once():
    kinds = pa.DictionaryArray.from_arrays(pa.array(np.zeros(1_000_000, np.int32)), ["x" * 1_000_000])
    table = read(parquet({"x": np.zeros(1_000_000), "y": np.zeros(1_000_000), "kind": kinds}))
    assert len({id(cell) for cell in table.columns["kind"]}) == 1  # and not 1 TB


# Whatever comes in.

CSV = delimited(X[:8], header="a,b")
pieces = st.sampled_from(
    [b"1", b"2.5", b",", b";", b"\t", b" ", b"\n", b"\r", b'"', b"x", b"-", b"e9", b"\xff\xfe", b"\0", b"\xc3\xa4"]
)
anything = st.one_of(
    st.binary(max_size=300),
    st.lists(pieces, max_size=120).map(b"".join),
    st.text(max_size=100).map(lambda text: text.encode("utf-16")),
    st.builds(lambda place, wrong: CSV[:place] + wrong + CSV[place:], st.integers(0, len(CSV)), st.binary(max_size=4)),
    st.builds(lambda place, length: CSV[:place] + CSV[place + length :], st.integers(0, len(CSV)), st.integers(1, 20)),
)


def outcome(content: bytes) -> Table | BadData:
    try:
        return read(content)
    except BadData as refusal:
        return refusal


def assert_sound(came: Table | BadData) -> None:
    if isinstance(came, BadData):
        assert str(came).endswith(".")
        assert "\n" not in str(came)
        return
    assert len(came.numeric) >= 2
    for values in came.columns.values():
        assert values.shape == (came.rows,)
        assert values.dtype == np.float64 or all(type(cell) is str for cell in values)
    assert len(came.head(3)) == min(3, came.rows)


@given(anything)
@example(b'"')
@example(b"\xff\xfe1")
@example(b"1,2\n" + b" " * 100_000 + b"x")  # which a regular expression may take minutes for
@example(b"1" * 60_000 + b"x,2\n")
@settings(max_examples=300)
def test_whatever_comes_in_a_table_comes_out_or_one_sentence(content):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert_sound(outcome(content))
    assert not caught


PARQUET = parquet({"a": X[:, 0], "b": X[:, 1], "kind": ["x", "y", "z"] * 20}, use_dictionary=["kind"])


@given(st.lists(st.tuples(st.integers(4, len(PARQUET) - 1), st.integers(0, 255)), min_size=1, max_size=3))
@settings(max_examples=10)
def test_damaged_parquet_ends_no_more_than_its_own_process(wrong):
    content = bytearray(PARQUET)
    for place, value in wrong:
        content[place] = value
    assert_sound(outcome(bytes(content)))


def test_reading_draws_from_no_global_generator():
    before = global_generators()
    read(CSV)
    assert global_generators() == before


def test_head_is_the_first_rows_by_name():
    table = read(b"a,b,c\n1,2,x\n,4,y\n5,6,\n")
    first, second = table.head(2)
    assert first == {"a": 1.0, "b": 2.0, "c": "x"}
    assert np.isnan(second.pop("a"))
    assert second == {"b": 4.0, "c": "y"}
    assert len(table.head(100)) == 3
