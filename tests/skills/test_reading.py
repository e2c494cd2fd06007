"""Whatever a file holds: good rows come through, bad ones are named, memory stays bounded."""

import csv
import gzip
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.skills.importing import cells
from recommender.skills.importing.lines import MAX_LINE_BYTES
from recommender.skills.importing.results import ImportRefusedError, Rejects
from recommender.skills.importing.rows import CsvRows
from recommender.skills.importing.tables import Column, Table
from tests.csv_files import CsvFile, zipped

TABLE = Table(
    "things",
    "Things.",
    (
        Column("code", "", required=True),
        Column("name", "", read=cells.text(200), empty=""),
        Column("first", "", read=cells.day),
        Column("last", "", read=cells.day),
    ),
    key=("code",),
    together=(("first", "last"),),
)


def read(content, **options):
    """(good rows as (line, values), problems) of a file."""
    file = CsvFile(content) if isinstance(content, str | bytes) else content
    rejects = Rejects()
    rows = CsvRows(file, TABLE, rejects, **options)
    return [(row.line, row.values) for row in rows], rejects.problems


def refusal(content):
    with pytest.raises(ImportRefusedError) as refused:
        read(content)
    return str(refused.value)


def test_good_rows():
    assert read("code,name\na,Ann\n\nb, Bob \n") == (
        [(2, {"code": "a", "name": "Ann"}), (4, {"code": "b", "name": "Bob"})],
        [],
    )


@pytest.mark.parametrize("name", ["plain.csv.gz", "no-suffix"])
def test_gzip_is_seen_by_its_content(name):
    assert read(zipped("code\na\n", name)) == read("code\na\n")


def test_byte_order_mark_windows_line_ends_and_a_missing_last_line_end():
    content = "code,name\r\na,陳\r\nb,李"
    assert read(content.encode("utf-8-sig"))[0] == [
        (2, {"code": "a", "name": "陳"}),
        (3, {"code": "b", "name": "李"}),
    ]


def test_a_quoted_text_may_span_lines_and_rows_keep_their_line_numbers():
    rows, _problems = read('code,name\na,"one\ntwo"\nb,x\n')
    assert rows == [(2, {"code": "a", "name": "one\ntwo"}), (4, {"code": "b", "name": "x"})]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        ("名稱,編號\n".encode("big5"), "line 1: is not UTF-8. Files made in Hong Kong"),
        ("code,name\na,b\n".encode("utf-16"), "line 1: holds a NUL byte"),
        (b"name\nx\n", "missing: code"),
        (b"code;name\na;b\n", "missing: code). Found: code;name."),
        (b"code,name,name\na,b,c\n", "named more than once: name"),
        (b"code,first\na,2026-01-01\n", "these come together or not at all: first, last"),
        (b'"code\n', "line 1: opens a double quote that is not closed"),
        (b"code,name\ra,b\r", "carriage return"),
        (b"x" * (MAX_LINE_BYTES + 1), "line 1: is longer than 1000000 bytes"),
    ],
)
def test_a_file_without_a_usable_header_is_refused(content, words):
    message = refusal(content)
    assert message.startswith("file.csv")
    assert words in message


def test_header_alone_is_no_rows():
    assert read("code\n") == ([], [])


def test_unknown_columns_are_named_once():
    rows = CsvRows(CsvFile("code,age,,sex\na,1,,f\nb,2,,m\n"), TABLE, Rejects())
    assert [row.values for row in rows] == [{"code": "a"}, {"code": "b"}]
    assert rows.result.notes == ["these columns are not used: age, sex"]


@pytest.mark.parametrize(
    ("bad", "column", "value", "words"),
    [
        ("b", "", "", "has 1 fields where the header names 2"),
        ("b,c,d", "", "", "has 3 fields where the header names 2"),
        (",c", "code", "", "must be filled"),
        ("a,c", "code", "a", "stands on line 2 already"),
        ("b\0,c", "code", "b\0", "NUL byte"),
        ('b,"c"d', "", "", "text after a closing double quote"),
        (f"b,{'x' * 201}", "name", "x" * 80, "at most 200 characters"),
        (f"b,{'x' * 140_000}", "", "", "more than 131072 characters"),
        (f"b,{'x' * 10_000_000}", "", "", "longer than 1000000 bytes"),
    ],
)
def test_a_bad_row_is_named_and_its_neighbours_go_in(bad, column, value, words):
    rows, found = read(f"code,name\na,x\n{bad}\nz,y\n")
    assert [values["code"] for _line, values in rows] == ["a", "z"]
    (problem,) = found
    assert (problem.file, problem.line, problem.column, problem.value) == ("file.csv", 3, column, value)
    assert words in problem.reason


@pytest.mark.parametrize("encoding", ["big5", "gb18030", "latin-1"])
def test_another_encoding_is_named_with_its_column(encoding):
    word = "Ünal" if encoding == "latin-1" else "陳大文"
    rows, (problem,) = read(b"code,name\na,x\nb," + word.encode(encoding) + b"\nz,y\n")
    assert [line for line, _values in rows] == [2, 4]
    assert (problem.line, problem.column) == (3, "name")
    assert "\\x" in problem.value
    assert "save the file as CSV UTF-8" in problem.reason


def test_an_unclosed_quote_costs_one_row_not_the_file():
    lines = [f"c{number},x" for number in range(500)]
    lines[100] = 'c100,"x'
    rows, (problem,) = read("code,name\n" + "\n".join(lines) + "\n")
    assert len(rows) == 499
    assert (problem.line, problem.reason) == (102, "opens a double quote that is not closed")


def test_an_unclosed_quote_at_the_end():
    rows, (problem,) = read('code,name\na,x\nb,"y\nc,z\n')
    assert [line for line, _values in rows] == [2, 4]
    assert (problem.line, problem.reason) == (3, "opens a double quote that is not closed")


def test_an_unclosed_quote_before_another_quote():
    rows, (problem,) = read('code,name\na,"x\nb,"y"\nc,z\n')
    assert [line for line, _values in rows] == [3, 4]
    assert problem.line == 2


def test_a_cut_gzip_is_refused_with_the_line_reached():
    whole = gzip.compress(b"code\n" + b"".join(b"%d\n" % (number * 7919) for number in range(100_000)))
    message = refusal(whole[: len(whole) // 2])
    assert "damaged or cut short after line" in message


def test_a_damaged_gzip_is_refused():
    whole = bytearray(gzip.compress(b"code\n" + b"a\n" * 1000))
    whole[-5] ^= 255
    assert "damaged" in refusal(bytes(whole))


def test_a_missing_file_is_refused(tmp_path):
    assert "No such file" in refusal(tmp_path / "none.csv")


def test_what_is_no_file_is_refused(tmp_path):
    assert "directory" in refusal(tmp_path)


def test_a_line_of_ten_megabytes_is_not_held():
    content = b"code,name\n" + b"x" * 10_000_000 + b"\na,b\n"
    file = CsvFile(content)
    tracemalloc.start()
    try:
        rows, (problem,) = read(file)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert rows == [(3, {"code": "a", "name": "b"})]
    assert peak < 5 * MAX_LINE_BYTES
    assert problem.line == 2


def test_progress_counts_the_stored_bytes():
    file = zipped("code\n" + "\n".join(map(str, range(10_000))))
    seen = []
    read(file, progress=lambda *step: seen.append(step))
    assert {(stage, total) for stage, _done, total in seen} == {("file.csv.gz", len(file.getvalue()))}
    done = [done for _stage, done, _total in seen]
    assert done == sorted(done)
    assert done[-1] == len(file.getvalue())


ODD_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60)


@given(st.lists(ODD_TEXT.filter(str.strip), max_size=20))
def test_odd_text_survives(names):
    written = io.StringIO(newline="")
    csv.writer(written).writerows([("code", "name"), *enumerate(names)])
    rows, found = read(written.getvalue())
    assert found == []
    assert [values["name"] for _line, values in rows] == [name.strip() for name in names]


class KeptRejects(Rejects):
    """Rejects that remember the rows as they came."""

    def __init__(self):
        super().__init__()
        self.rows = []

    def add(self, problem, row):
        self.rows.append(row)


@given(st.binary(max_size=300) | ODD_TEXT.map(str.encode) | st.text('a",\n\r', max_size=60).map(str.encode))
def test_each_line_comes_out_as_it_went_in_or_not_at_all(content):
    rejects = KeptRejects()
    good = [row.text for row in CsvRows(CsvFile(b"code,name\n" + content), TABLE, rejects)]
    came_out = "\n".join([*good, *rejects.rows])
    assert sorted(filled_lines(came_out)) == sorted(filled_lines(content.decode(errors="surrogateescape")))


def filled_lines(text):
    """Lines that are more than blanks, commas and quotes; rows of nothing else are passed over."""
    stripped = (line.strip("\r") for line in text.split("\n"))
    return [line for line in stripped if line.replace(",", "").replace('"', "").strip()]
