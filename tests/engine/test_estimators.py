"""Every estimator keeps scikit-learn's contract, routed metadata included."""

import numpy as np
import pytest
import sklearn
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from recommender.engine.als import ImplicitALS
from recommender.engine.blend import FAMILIES, Blend
from recommender.engine.content import ContentNeighbours
from recommender.engine.ease import Ease
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.sequential import NextItemRidge
from tests.engine.histories import matrices

ALS = ImplicitALS(n_factors=4, n_iterations=3)
ESTIMATORS = [
    Popularity(),
    Popularity(half_life=0.5),
    ItemNeighbours(),
    ItemNeighbours(user_power=0.0, held_power=0.5, scored_power=0.5),
    ItemNeighbours(user_power=1.0, held_power=1.0, scored_power=0.4),
    Ease(),
    NextItemRidge(),
    NextItemRidge(decays=(0.5,), n_pairs=0),
    ALS,
    ContentNeighbours(),
    Blend(),
    Blend((Popularity(), ItemNeighbours(), Ease(), NextItemRidge(), ALS), (1.0, 0.5, 0.5, 1.0, 0.2)),
]


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


@pytest.mark.parametrize(
    "estimator",
    [*(family() for family in FAMILIES.values()), ContentNeighbours()],
    ids=lambda estimator: type(estimator).__name__,
)
@pytest.mark.parametrize("ordered", [True, False], ids=["ordered", "unordered"])
def test_values_worth_trying_are_values_of_hyperparameters(estimator, ordered):
    X, times = matrices([[2, 0, 1], [0, 1], [1, 2, 0]], 3)
    for name, values in estimator.search_grid(ordered).items():
        assert len(values) > 1
        for value in values:
            model = sklearn.clone(estimator).set_params(**{name: value})
            model.fit(X, times=times if ordered else None)
            assert model.get_params()[name] == value
