"""Files that cannot be used, each with a word that the refusal must contain."""

import gzip
import io
import pickle
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from own_files import delimited, gaussian, npy, npy_header, parquet

from realnvp.own.table import points_from_table, read_table
from realnvp.points import BadData

SPRUNG = []


def spring() -> None:
    SPRUNG.append("a pickle was opened")


class Trap:
    def __reduce__(self):
        return spring, ()


def zipped(content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr("points.csv", content)
    return archive.getvalue()


def npz() -> bytes:
    content = io.BytesIO()
    np.savez(content, X)
    return content.getvalue()


def long_text_in_parquet() -> bytes:
    """Text that unpacks to 240 MB, in row groups of 12 MB."""
    content, schema = io.BytesIO(), pa.schema([("a", pa.float64()), ("b", pa.float64()), ("s", pa.string())])
    with pq.ParquetWriter(content, schema, compression="zstd", use_dictionary=False) as writer:
        for _ in range(20):
            group = {"a": np.arange(12.0), "b": np.arange(12.0), "s": ["x" * 1_000_000] * 12}
            writer.write_table(pa.table(group, schema=schema))
    return content.getvalue()


def shared_text_in_parquet() -> bytes:
    """Text written as what it shares with the text before it: 240 MB of which the metadata announce 1."""
    content, schema = io.BytesIO(), pa.schema([("a", pa.float64()), ("b", pa.float64()), ("s", pa.string())])
    encodings = {"a": "PLAIN", "b": "PLAIN", "s": "DELTA_BYTE_ARRAY"}
    with pq.ParquetWriter(content, schema, use_dictionary=False, column_encoding=encodings) as writer:
        for k in range(20):
            group = {
                "a": np.arange(12.0),
                "b": np.arange(12.0),
                "s": ["x" * 1_000_000 + str(12 * k + i) for i in range(12)],
            }
            writer.write_table(pa.table(group, schema=schema))
    return content.getvalue()


def parquet_with_a_hole() -> bytes:
    footer = int.from_bytes(PARQUET[-8:-4], "little") + 8
    return PARQUET[:-footer] + bytes(100) + PARQUET[100 - footer :]


def wide_parquet() -> bytes:
    return parquet({f"c{k}": [1.0] for k in range(1001)})


X = gaussian(100)
CSV = delimited(X, header="a,b")
PARQUET = parquet({"a": X[:, 0], "b": X[:, 1]})
STRUCTURED = np.zeros(60, [("x", "f8"), ("y", "f8")])
BAD_FILES = {
    # nothing to read
    "empty": (b"", "empty"),
    "only blanks": (b"  \n\t \r\n  ", "blank"),
    "only a byte order mark": (b"\xef\xbb\xbf", "blank"),
    "only blanks in UTF-16": ("\n \n ".encode("utf-16"), "blank"),
    "only separators": (b",,,\n" * 100, "no two columns"),
    "only a header": (b"x,y\n", "no two columns"),
    # no text
    "random bytes": (np.random.default_rng(0).bytes(5000), "no text"),
    "NUL bytes in a table": (CSV.replace(b"0", b"\0", 1), "code 0"),
    "an escape character": (CSV + b"\x1b[0m", "code 27"),
    "gzip": (gzip.compress(CSV), "gzip"),
    "ZIP": (zipped(CSV), "ZIP"),
    "an Excel workbook": (zipped(b"<worksheet/>"), "Excel"),
    "an archive of arrays": (npz(), "npz"),
    "an old Excel file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Excel"),
    "PDF": (b"%PDF-1.7\n1 0 obj", "PDF"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5"),
    "a PNG picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "picture"),
    "a JPEG picture": (b"\xff\xd8\xff\xe0" + bytes(100), "picture"),
    "a pickle": (pickle.dumps(Trap()), "no text"),
    # no table of numbers
    "one word": (b"hello", "no two columns"),
    "prose": (
        b"It was the best of times, it was the worst of times, it was the age of wisdom.\n" * 99,
        "no two columns",
    ),
    "a web page": (b"<!DOCTYPE html>\n<html><body><p>Not found</p></body></html>\n", "no two columns"),
    "JSON": (b'{"points": [{"x": 1.5, "y": 2.5}, {"x": 3.5, "y": 4.5}]}', "no two columns"),
    "one column": (delimited(X[:, :1], header="a"), "no two columns"),
    "text only": (b"name,town\n" + b"Ada,London\n" * 100, "no two columns"),
    "one column of numbers": (b"name,age\n" + b"Ada,36\n" * 100, "only one column of numbers, age"),
    "an empty second column": (b"x,y\n" + b"1.5,\n" * 100, "only one column of numbers, x"),
    # no even table
    "ragged lines": (b"".join(b"1" + b",2" * (k % 7) + b"\n" for k in range(200)), "different numbers of cells"),
    "a quotation mark that opens the file": (b'"' + CSV, "quotation mark"),
    "a quotation mark never closed": (CSV + b'\n1,"2\n' + delimited(X), "quotation mark"),
    "a quotation mark before the end": (CSV + b'\n"1,2\n3,4', "quotation mark"),
    "too many columns": (b"1," * 1000 + b"1\n", "1,001 columns"),
    "a line too long": (b"1," * 50_000 + b"1\n", "longer than 65,536"),
    "one line without end": (b"1" * 1_000_000, "longer than 65,536"),
    "too many bytes": (b"1,2\n" * 2_500_001, "larger than 10 MB"),
    # no points to learn
    "49 rows": (delimited(X[:49]), "Only 49 rows have"),
    "values missing": (b"x,y\n" + b"1.5,\n,2.5\n" * 100, "Only 0 rows have"),
    "infinite values": (b"x,y\n" + b"inf,1\n1e999,2\n-inf,3\n" * 100, "Only 0 rows have"),
    "huge values": (delimited(X * 1e300), "beyond 1e+30"),
    "tiny values": (delimited(X * 1e-300), "multiply"),
    "a constant column": (delimited(X * [0, 1], header="a,b"), 'All values of "a" are the same'),
    "a spread too small": (delimited(X + 1e9), "subtract a constant"),
    # arrays
    "an array of objects": (npy(np.array([[Trap(), 1]] * 60, object), allow_pickle=True), "Python objects"),
    "a structured array": (npy(STRUCTURED), "structured"),
    "complex numbers": (npy(X + 1j), "complex"),
    "an array of text": (npy(np.array([["1", "2"]] * 60)), "other than numbers"),
    "an array of dates": (npy(np.zeros((60, 2), "M8[s]")), "other than numbers"),
    "a vector": (npy(X.ravel()), "(200,)"),
    "a number": (npy(np.float64(3)), "0 dimensions"),
    "an array of matrices": (npy(X.reshape(50, 2, 2)), "3 dimensions"),
    "one column of an array": (npy(X[:, :1]), "(100, 1)"),
    "an empty array": (npy(np.zeros((0, 2))), "empty"),
    "an array with too many columns": (npy(np.zeros((60, 1001), np.int8)), "1,000 columns"),
    "an array with too many rows": (npy(np.zeros((1, 1), np.int8)), "(1, 1)"),
    "an array cut short": (npy(X)[:-1], "cut short"),
    "an enormous array": (
        npy_header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 2), }"),
        "cut short",
    ),
    "more than memory addresses": (
        npy_header("{'descr': '<f8', 'fortran_order': True, 'shape': (" + "9" * 99 + ", 2), }"),
        "cut short",
    ),
    "half a header": (npy(X)[:40], "header"),
    "a header of code": (npy_header("__import__('os').abort()"), "header"),
    "a header's beginning": (b"\x93NUMPY", "header"),
    # Parquet
    "Parquet cut short": (PARQUET[:-20], "damaged"),
    "Parquet's beginning": (b"PAR1", "damaged"),
    "Parquet with a hole": (parquet_with_a_hole(), "damaged"),
    "nested columns": (parquet({"a": [[1.0]] * 60, "b": [{"c": 1.0}] * 60}), "no column of numbers"),
    "text in Parquet": (parquet({"a": ["x"] * 60, "b": ["y"] * 60}), "no column of numbers"),
    "too many rows in Parquet": (
        parquet({"a": np.zeros(5_000_001, np.int8), "b": np.zeros(5_000_001, np.int8)}),
        "rows",
    ),
    "too many cells in Parquet": (parquet({c: np.zeros(2_100_000, np.int8) for c in "abcde"}), "10,000,000 cells"),
    "too many columns in Parquet": (wide_parquet(), "1,001 columns"),
    "long text in Parquet": (long_text_in_parquet(), "240 MB"),
    "shared text in Parquet": (shared_text_in_parquet(), "240 MB"),
}


def bring(content: bytes) -> None:
    table = read_table(content, "mine.csv")
    points_from_table(table, *table.numeric[:2], title="Mine")


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_in_one_sentence(name):
    content, word = BAD_FILES[name]
    SPRUNG.clear()
    with pytest.raises(BadData) as refusal:
        bring(content)
    message = str(refusal.value)
    assert word in message
    assert message.endswith(".")
    assert ": " in message  # what is wrong: what to do
    assert not any(end in message for end in (". ", "\n", "!", "?"))
    assert not SPRUNG


def test_the_trap_of_these_tests_springs():
    SPRUNG.clear()
    pickle.loads(pickle.dumps(Trap()))
    assert SPRUNG
