"""Every estimator keeps scikit-learn's contract, routed metadata included."""

import numpy as np
import pytest
import sklearn
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.sequential import NextItemRidge
from tests.engine.histories import matrices

ESTIMATORS = [Popularity(), ItemNeighbours(), NextItemRidge()]


@parametrize_with_checks(ESTIMATORS)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda estimator: type(estimator).__name__)
def test_times_travel_as_routed_metadata(estimator):
    X, times = matrices([[2, 0, 1], [0, 1], [1, 2, 0]], 3)
    direct = sklearn.clone(estimator).fit(X, times=times)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = make_pipeline(sklearn.clone(estimator).set_fit_request(times=True)).fit(X, times=times)[-1]
    np.testing.assert_array_equal(routed.score_items(X, times=times), direct.score_items(X, times=times))
