"""Fits the model: chosen and judged on the past, then fitted to everything."""

from dataclasses import dataclass

import numpy as np

from recommender.engine.blend import Blend
from recommender.engine.content import with_new_items
from recommender.engine.near_copies import near_copies
from recommender.engine.popularity import Popularity
from recommender.engine.selection import select
from recommender.engine.similar import similar_items
from recommender.engine.splits import leave_last_out
from recommender.engine.texts import item_vectors
from recommender.recommendations import judging
from recommender.recommendations.artefacts import Fitted
from recommender.recommendations.cluster import fit_executor
from recommender.recommendations.models import Run
from recommender.recommendations.sums import Sums

SELECTION_SECONDS = 180
# By the lists of so many learners new courses are placed.
N_HISTORIES = 2_000
# What is popular among fewer people would show what single persons did.
LEAST_IN_A_SECTOR = 10
# Some of the similar courses that are kept may be closed when they are to be shown.
N_SIMILAR = 12


@dataclass(frozen=True)
class Learned:
    """What a run keeps: the artefact's content, the sums it was fitted to, the figures, and how it was found.

    sums : Sums, None where the model is not fitted to sums over learners
    """

    fitted: Fitted
    sums: Sums | None
    quality: dict
    model: dict


def learn(training, progress, *, before=None, sums_before=None):
    """Hyperparameters come from the past alone; each learner's last enrolment is for the judging.

    Parameters
    ----------
    training : Training
    before : what `Learned.model` of the live run was; the search starts there
    sums_before : Sums of the live run; where few learners have changed since, its choices are kept and its
        sums brought up to date
    """
    progress.begin(Run.Stage.FIT)
    split = leave_last_out(training.X, training.times)
    vectors = item_vectors(training.texts, training.skills)
    alike = near_copies(vectors, training.skills, training.titles)
    similar = similar_items(vectors, alike, N_SIMILAR)
    if not training.X.nnz:
        return Learned(
            _fitted(None, training, alike, similar), None, judging.judge(None, split, training, alike), {}
        )
    now = sums_before and sums_before.updated(training)
    model = (before if now else _chosen(split, before)) | {"is_updated": now is not None}
    blend = Blend.from_description(model["members"])
    progress.begin(Run.Stage.JUDGE)
    place_new_courses(blend.fit(split.X, times=split.times), vectors, split.X, split.times)
    quality = judging.judge(blend, split, training, alike)
    progress.begin(Run.Stage.REFIT)
    if now is None and blend.is_summed:
        with fit_executor() as executor:
            now = Sums.over(blend, training, executor)
    blend = now.fitted() if now else blend.fit(training.X, times=training.times)
    is_placed = place_new_courses(blend, vectors, training.X, training.times)
    model["places_new_courses"] = is_placed
    return Learned(_fitted(blend, training, alike, similar), now, quality, model)


def _chosen(split, before):
    """The search and its result, as JSON."""
    start = Blend.from_description(before["members"]) if before else None
    selection = select(split.X, times=split.times, budget=SELECTION_SECONDS, start=start)
    return {
        "name": type(selection.model).__name__,
        "members": selection.model.description(),
        "validation_ndcg": max((trial.ndcg for trial in selection.trials), default=None),
        "trials": [trial._asdict() for trial in selection.trials],
    }


def place_new_courses(blend, vectors, X, times):
    """Gives courses that nobody has taken the weights of their like; whether a blend so fitted can do that.

    A blend with members apart from its one matrix (see `Blend.others_`) does not: a score predicted in the
    matrix alone would not compare with those that the other members add to. Such courses then wait for their
    first learners, or come by skills and goals.
    """
    if blend.others_:
        return False
    space = blend.feature_space()
    some = slice(None, None, 1 + X.shape[0] // N_HISTORIES)
    blend.weights_ = with_new_items(
        blend.weights_,
        space,
        vectors,
        known=X.count_nonzero(axis=0) > 0,
        features=space.of(X[some], times[some]),
        k=judging.K,
    )
    return True


def _fitted(model, training, alike, similar):
    sectors, n_learners = np.unique(training.sectors[training.sectors > 0], return_counts=True)
    sectors = sectors[n_learners >= LEAST_IN_A_SECTOR]
    by_sector = [_shares(training.X[training.sectors == sector]) for sector in sectors]
    return Fitted(
        model=model,
        courses=training.courses,
        popularity=_shares(training.X),
        sectors=sectors,
        sector_popularity=np.array(by_sector, dtype=np.float32).reshape(sectors.size, training.courses.size),
        near_copies=alike,
        similar=similar,
    )


def _shares(X):
    """Popularity, also of nobody."""
    return Popularity().fit(X).share_ if X.nnz else np.zeros(X.shape[1], dtype=np.float32)
