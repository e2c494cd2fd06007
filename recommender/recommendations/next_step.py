"""The next step of a saved pathway, which stands before everything else on a list.

The hard rules hold for it too, but that the learner has saved the course does not keep it off: it is still
to be begun. Where they keep it off, the next step of the pathway kept before that one takes its place.
"""

from dataclasses import replace

import numpy as np

from recommender.recommendations.packing import ITEM, Source
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
    ITEM array (n,) or (n + 1,); `items` itself where the rules allow none of the steps
    """
    if not steps:
        return items
    listed = items[items["course"] == steps[0]]
    step = (listed if listed.size else _scored(steps, read())).copy()
    step["source"] = Source.PATHWAY
    return np.concatenate([step, items[~np.isin(items["course"], step["course"])]])


def _scored(steps, read):
    """The first step that the rules allow, as an ITEM array (1,); (0,) where they allow none."""
    for step in steps:
        opened = _opened(read, step)
        if allowed(opened.courses, opened.learners)[0, opened.courses.ids == step].any():
            [items] = make_lists(*opened, length=read.courses.ids.size)
            return items[items["course"] == step]
    return np.zeros(0, dtype=ITEM)


def _opened(read, step):
    """The same inputs with the step not in the learning yet, and passed over for no near-copy."""
    in_learning = read.learners.in_learning & (read.courses.ids != step)
    near_copies = np.arange(read.fitted.courses.size)
    return read._replace(
        learners=replace(read.learners, in_learning=in_learning),
        fitted=replace(read.fitted, near_copies=near_copies),
    )
