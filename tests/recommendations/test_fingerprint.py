"""A fingerprint is the same for the same values and differs for others."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.sparse import csr_array

from recommender.recommendations.fingerprint import fingerprint


@dataclass
class Facts:
    size: int
    rows: np.ndarray


VALUES = [
    [],
    [1],
    [1, None],
    ["1"],
    ["a", "b"],
    ["ab"],
    [["a"], "b"],
    [["a", "b"]],
    [np.array([1, 2])],
    [np.array([1.0, 2.0])],
    [np.array([[1, 2]])],
    [np.array([2, 1])],
    [np.array([1]), np.array([2])],
    [csr_array([[0, 1]])],
    [csr_array([[1, 0]])],
    [csr_array([[0, 1], [0, 0]])],
    [Facts(1, np.array([1]))],
    [Facts(1, np.array([2]))],
]


def test_different_values_have_different_fingerprints():
    assert len({fingerprint(*values) for values in VALUES}) == len(VALUES)


@pytest.mark.parametrize("place", range(len(VALUES)))
def test_equal_values_have_equal_fingerprints(place):
    copies = [value.copy() if hasattr(value, "copy") else value for value in VALUES[place]]
    assert fingerprint(*copies) == fingerprint(*VALUES[place])


def test_how_an_array_lies_in_memory_does_not_matter():
    table = np.arange(6).reshape(2, 3)
    assert fingerprint(table) == fingerprint(np.asfortranarray(table))
