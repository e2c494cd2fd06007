"""Fits the model: chosen and judged on the past, then fitted to everything."""

from dataclasses import dataclass

import numpy as np

from recommender.engine.popularity import Popularity
from recommender.engine.selection import select
from recommender.engine.sequential import NextItemRidge
from recommender.engine.splits import leave_last_out
from recommender.recommendations import judging
from recommender.recommendations.artefacts import Fitted
from recommender.recommendations.models import Run

SELECTION_SECONDS = 45
# What is popular among fewer people would show what single persons did.
LEAST_IN_A_SECTOR = 10


@dataclass(frozen=True)
class Learned:
    """What a run keeps: the artefact's content, the figures, and the model's name and hyperparameters."""

    fitted: Fitted
    quality: dict
    model: dict


def learn(training, progress):
    """Hyperparameters come from the past alone; each learner's last enrolment is for the judging."""
    progress.begin(Run.Stage.FIT)
    split = leave_last_out(training.X, training.times)
    if not training.X.nnz:
        return Learned(_fit(None, training), judging.judge(None, split), {})
    selection = select(NextItemRidge(), split.X, times=split.times, budget=SELECTION_SECONDS)
    progress.begin(Run.Stage.JUDGE)
    quality = judging.judge(selection.model, split)
    progress.begin(Run.Stage.REFIT)
    return Learned(_fit(selection.model, training), quality, _described(selection))


def _fit(model, training):
    sectors, n_learners = np.unique(training.sectors[training.sectors > 0], return_counts=True)
    sectors = sectors[n_learners >= LEAST_IN_A_SECTOR]
    by_sector = [_shares(training.X[training.sectors == sector]) for sector in sectors]
    return Fitted(
        model=model and model.fit(training.X, times=training.times),
        courses=training.courses,
        popularity=_shares(training.X),
        sectors=sectors,
        sector_popularity=np.array(by_sector, dtype=np.float32).reshape(sectors.size, training.courses.size),
    )


def _shares(X):
    """Popularity, also of nobody."""
    return Popularity().fit(X).share_ if X.nnz else np.zeros(X.shape[1], dtype=np.float32)


def _described(selection):
    return {
        "name": type(selection.model).__name__,
        "hyperparameters": selection.model.get_params(),
        "validation_ndcg": max((trial.ndcg for trial in selection.trials), default=None),
        "n_trials": len(selection.trials),
    }
