"""What `peers.py` compares: for each contender how it is fitted and asked for everybody's lists.

A contender is a function of (X, times, k) that puts the data into its library's form, which is not timed, and
returns two functions: one that fits, and one that then returns each learner's k best items, -1 where there
is none. Settings are the library's own unless they are written here.
"""

import logging
import os
import warnings
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from recommender.engine.als import ImplicitALS
from recommender.engine.blend import Blend
from recommender.engine.ease import Ease
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.sequential import NextItemRidge

N_CORES = len(os.sched_getaffinity(0))
N_FACTORS = 64
EASE_RIDGE = 100.0


class Contender(NamedTuple):
    """library : what is imported; prepare : see above; blas_threads : None leaves BLAS alone."""

    library: str
    prepare: object
    blas_threads: int | None = None


def ours(model):
    def prepare(X, times, k):
        return lambda: model.fit(X, times=times), lambda: model.recommend(X, k, times=times)[0]

    return prepare


def implicit_als(X, times, k):
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(factors=N_FACTORS, iterations=15, num_threads=N_CORES, random_state=0)
    return of_implicit(model, X, k)


def implicit_bpr(X, times, k):
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    model = BayesianPersonalizedRanking(num_threads=N_CORES, random_state=0)
    return of_implicit(model, X, k)


def implicit_cosine(X, times, k):
    from implicit.nearest_neighbours import CosineRecommender

    return of_implicit(CosineRecommender(num_threads=N_CORES), X, k)


def implicit_tfidf(X, times, k):
    from implicit.nearest_neighbours import TFIDFRecommender

    return of_implicit(TFIDFRecommender(num_threads=N_CORES), X, k)


def of_implicit(model, X, k):
    held = csr_matrix((X.data, X.indices.astype(np.int32), X.indptr.astype(np.int32)), shape=X.shape)
    learners = np.arange(X.shape[0])
    return (
        lambda: model.fit(held, show_progress=False),
        lambda: model.recommend(learners, held, N=k, filter_already_liked_items=True)[0],
    )


def rectools_ease(X, times, k):
    import pandas as pd
    from rectools.dataset import Dataset
    from rectools.models import EASEModel

    learners, courses = X.nonzero()
    columns = {"user_id": learners, "item_id": courses, "weight": 1.0}
    frame = pd.DataFrame(columns | {"datetime": pd.to_datetime(times.data, unit="s")})
    dataset = Dataset.construct(frame)
    model = EASEModel(regularization=EASE_RIDGE)

    def recommend():
        lists = model.recommend(np.arange(X.shape[0]), dataset, k, filter_viewed=True)
        items = np.full((X.shape[0], k), -1)
        items[lists["user_id"].to_numpy(), lists["rank"].to_numpy() - 1] = lists["item_id"].to_numpy()
        return items

    return lambda: model.fit(dataset), recommend


def cornac_ease(X, times, k):
    from cornac.data import Dataset
    from cornac.models import EASE

    learners, courses = X.nonzero()
    ones = np.ones(X.nnz)
    train = Dataset.build(list(zip(learners.tolist(), courses.tolist(), ones.tolist(), strict=True)))
    # Steck's own form keeps the weights below zero.
    model = EASE(lamb=EASE_RIDGE, posB=False, verbose=False)

    def recommend():
        lists = (
            model.recommend(learner, k, remove_seen=True, train_set=train) for learner in range(X.shape[0])
        )
        return padded(lists, X.shape[0], k)

    return lambda: model.fit(train), recommend


def lenskit_ease(X, times, k):
    import pandas as pd
    from lenskit.batch import recommend as recommend_all
    from lenskit.data import from_interactions_df
    from lenskit.knn import EASEScorer
    from lenskit.pipeline import topn_pipeline

    learners, courses = X.nonzero()
    data = from_interactions_df(pd.DataFrame({"user_id": learners, "item_id": courses}))
    pipeline = topn_pipeline(EASEScorer(regularization=EASE_RIDGE), n=k)

    def recommend():
        lists = recommend_all(pipeline, np.arange(X.shape[0]), n=k, n_jobs=1)
        found = {key.user_id: items.ids() for key, items in lists.items()}
        return padded((found.get(learner, ()) for learner in range(X.shape[0])), X.shape[0], k)

    return lambda: pipeline.train(data), recommend


def padded(lists, n_learners, k):
    """Lists of any length as one array."""
    items = np.full((n_learners, k), -1)
    for row, listed in zip(items, lists, strict=True):
        row[: len(listed)] = listed
    return items


BLEND, RIDGE, ALS = "ours: Blend", "ours: NextItemRidge alone", "implicit: ALS"
CONTENDERS = {
    BLEND: Contender("recommender", ours(Blend())),
    RIDGE: Contender("recommender", ours(NextItemRidge(decays=(0.7,), n_pairs=0))),
    "ours: Ease": Contender("recommender", ours(Ease())),
    "ours: ItemNeighbours": Contender("recommender", ours(ItemNeighbours())),
    "ours: ImplicitALS": Contender("recommender", ours(ImplicitALS(n_factors=N_FACTORS))),
    # Its documentation asks for one BLAS thread, since it brings threads of its own.
    ALS: Contender("implicit", implicit_als, 1),
    "implicit: BPR": Contender("implicit", implicit_bpr, 1),
    "implicit: cosine": Contender("implicit", implicit_cosine, 1),
    "implicit: TF-IDF": Contender("implicit", implicit_tfidf, 1),
    "rectools: EASE": Contender("rectools", rectools_ease),
    "cornac: EASE": Contender("cornac", cornac_ease),
    "lenskit: EASE": Contender("lenskit", lenskit_ease),
}


def quieten():
    """No progress bars, warnings and logs of libraries between the lines of a report."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
