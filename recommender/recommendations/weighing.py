"""How relevance and shortage are weighed: an officer's word, or else what a run's trade-off curve says."""

import numpy as np

from recommender.recommendations.scoring import Weighing, needs_of
from recommender.recommendations.tradeoff import officers_weight, weight_in_force
from recommender.workforce.shortage import skill_shortages


def read_weighing(vocabulary, quality):
    """The Weighing in force, given the figures of the run whose model makes the lists."""
    weight = weight_in_force(quality.get("tradeoff"), officers_weight())
    return Weighing(weight, skill_shortages(vocabulary.skills).share)


def known_demand(roles, weighing):
    """How many skills the roles need, and of how many the shortage is known, as JSON."""
    needs = needs_of(roles)
    needed = np.unique(needs.skills)
    return {
        "n_skills": needed.size,
        "n_known": int(np.count_nonzero(~np.isnan(weighing.shortage[needed]))),
    }
