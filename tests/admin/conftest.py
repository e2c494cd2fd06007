import pytest

from tests.cast import make_cast


@pytest.fixture
def cast(db):
    """The officer may do everything with runs and learners and look at the rest."""
    return make_cast(
        "recommendations.view_run",
        "recommendations.add_run",
        "recommendations.change_run",
        "learners.view_learner",
        "learners.change_learner",
        "learners.view_user",
        "learners.change_user",
    )
