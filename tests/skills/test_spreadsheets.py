"""Tables as files for spreadsheets: nothing in them is computed."""

import csv
import io

import pytest

from recommender.skills.spreadsheets import csv_answer, harmless


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_starts_a_formula(sign):
    text = f"{sign}1+1"
    answer = csv_answer("table.csv", [text], [[text]])
    read = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert read == [[f"'{text}"], [f"'{text}"]]


@pytest.mark.parametrize("cell", [-2.5, 0, "", "a=b", "人工智能"])
def test_the_rest_stays_as_it_is(cell):
    assert harmless(cell) == cell
