import pytest
from django.core.cache import cache

from tests.cast import make_cast


@pytest.fixture(autouse=True)
def fresh_throttles():
    cache.clear()


@pytest.fixture
def cast(db):
    return make_cast("recommendations.view_run", "recommendations.add_run", "recommendations.change_run")
