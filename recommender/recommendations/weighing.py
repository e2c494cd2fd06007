"""How relevance and shortage are weighed: an officer's word, or else what a run's trade-off curve says."""

import numpy as np

from recommender.recommendations.models import RankingSettings
from recommender.recommendations.scoring import Weighing, needs_of
from recommender.recommendations.tradeoff import chosen_weight
from recommender.workforce.shortage import skill_shortages


def read_weighing(vocabulary, quality):
    """The Weighing in force, given the figures of the run whose model makes the lists."""
    return Weighing(weight_in_force(quality), skill_shortages(vocabulary.skills))


def weight_in_force(quality):
    """w, from 0 to 1. Where nobody could be judged, nothing says what it would cost: relevance alone."""
    settings = RankingSettings.objects.first()
    if settings and settings.shortage_weight is not None:
        return settings.shortage_weight
    return chosen_weight(quality.get("tradeoff")) or 0.0


def known_demand(roles, weighing):
    """How many skills the roles need, and of how many the shortage is known, as JSON."""
    needs = needs_of(roles)
    needed = np.unique(needs.skills)
    return {
        "n_skills": needed.size,
        "n_known": int(np.count_nonzero(~np.isnan(weighing.shortage[needed]))),
    }
