import pytest

from recommender.engine import features

LEAST_HOLDERS = features.LEAST_HOLDERS


@pytest.fixture(autouse=True)
def pairs_of_anybody(monkeypatch):
    """Histories of tests are few; `test_features` tries how many users a pair needs."""
    monkeypatch.setattr(features, "LEAST_HOLDERS", 1)
