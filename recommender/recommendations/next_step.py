"""The next step of a saved pathway, which stands before everything else on a list.

The hard rules hold for it too, but that the learner has saved the course does not keep it off: it is still
to be begun. Where they keep it off, the next step of the pathway kept before that one takes its place.
"""

from dataclasses import replace

import numpy as np

from recommender.recommendations.packing import ITEM, NEXT_STEP
from recommender.recommendations.rules import allowed
from recommender.recommendations.scoring import make_lists


def step_first(items, steps, read):
    """A list with the next step first.

    Parameters
    ----------
    items : ITEM array (n,), best first
    steps : list of course ids, the one that is wanted most first (see `next_courses`)
    read : function without arguments that gives the Inputs of the list, called only where the list does not
        say what the step scores

    Returns
    -------
    ITEM array (n,) or (n + 1,), with NEXT_STEP in the source of the step; `items` itself where the rules
    allow none of the steps
    """
    if not steps:
        return items
    listed = items[items["course"] == steps[0]]
    step = (listed if listed.size else _scored(steps, read())).copy()
    step["source"] |= NEXT_STEP
    return np.concatenate([step, items[~np.isin(items["course"], step["course"])]])


def open_steps(steps, courses, learners):
    """Those of the steps that the rules allow one learner to begin, by CourseFacts and LearnerFacts."""
    learners = replace(learners, in_learning=learners.in_learning & ~np.isin(courses.ids, steps))
    may = set(courses.ids[allowed(courses, learners)[0]].tolist())
    return [step for step in steps if step in may]


def _scored(steps, read):
    """The first step that the rules allow, as an ITEM array (1,); (0,) where they allow none."""
    steps = open_steps(steps, read.courses, read.learners)
    if not steps:
        return np.zeros(0, dtype=ITEM)
    [items] = make_lists(*_opened(read, steps[0]), length=read.courses.ids.size)
    return items[items["course"] == steps[0]]


def _opened(read, step):
    """The same inputs with the step not in the learning yet, and passed over for no near-copy."""
    in_learning = read.learners.in_learning & (read.courses.ids != step)
    near_copies = np.arange(read.fitted.courses.size)
    return read._replace(
        learners=replace(read.learners, in_learning=in_learning),
        fitted=replace(read.fitted, near_copies=near_copies),
    )
