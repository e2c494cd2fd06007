"""How well a run ranks for groups of learners, so that nobody is served worse without anybody seeing it."""

import numpy as np

# Means over fewer learners than this say more of single persons than of a group.
LEAST_LEARNERS = 30
# A history has at least so many courses, and fewer than the next figure here.
COURSES_FROM = (1, 2, 5, 10, 20)


def groups_of(judgement, split, sectors):
    """Figures by sector and by length of history, as JSON, of groups of LEAST_LEARNERS or more.

    Parameters
    ----------
    judgement : Judgement of lists made of `split.X`
    sectors : int64 ndarray (n_users,), id of each learner's sector, 0 where none is stated

    Returns
    -------
    dict of two lists: "sectors" with the id of a sector and "courses" with the least number of courses, each
    with n_learners, ndcg and recall
    """
    n_courses = np.diff(split.X.indptr)[judgement.users]
    group = np.searchsorted(COURSES_FROM, n_courses, side="right") - 1
    return {
        "sectors": _means(judgement, sectors[judgement.users], "sector"),
        "courses": _means(judgement, np.array(COURSES_FROM)[group], "from"),
    }


def _means(judgement, group_of_learner, name):
    found = []
    for group in np.unique(group_of_learner).tolist():
        members = group_of_learner == group
        if np.count_nonzero(members) >= LEAST_LEARNERS:
            figures = {
                figure: round(float(judgement.per_user[figure][members].mean()), 6)
                for figure in ("ndcg", "recall")
            }
            found.append({name: group, "n_learners": int(np.count_nonzero(members)), **figures})
    return found
