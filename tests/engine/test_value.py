"""What is lacking in all, against the definition of the gap."""

import numpy as np
from hypothesis import given, settings

from recommender.engine.value import Needs, Targets, whole_gaps
from tests.engine.goals import closed_by_skill, worlds


@given(worlds())
@settings(deadline=None)
def test_the_whole_gap_is_the_sum_over_skills(world):
    found = whole_gaps(Targets.of(world.held, world.wanted), Needs.of(world.importance, world.needed))
    expected = [closed_by_skill(world, user)[1].sum() for user in range(len(world.wanted))]
    np.testing.assert_allclose(found, expected, atol=1e-12)
