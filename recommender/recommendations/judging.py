"""How good a run is, and whether it is good enough to be shown without a person looking."""

import numpy as np
from django.utils.translation import gettext as _

from recommender.engine.evaluation import judge as judge_lists
from recommender.engine.evaluation import rank_judged
from recommender.engine.popularity import Popularity
from recommender.recommendations.groups import groups_of
from recommender.recommendations.models import PackedList
from recommender.recommendations.packing import unpack
from recommender.recommendations.tradeoff import draw, officers_weight, point_in_force

K = 10
FIGURES = ("ndcg", "recall", "hit_rate", "coverage")
# Bounds of the guard. The quality seen on fewer judged learners than this says too little to hold a run back.
ENOUGH_JUDGED = 100
LEAST_OF_LIVE_JUDGED = 0.5
LEAST_OF_LIVE_NDCG = 0.8
LEAST_OF_LIVE_COVERAGE = 0.5
MOST_CHURN = 0.9
CHURN_SAMPLE = 1000


def judge(model, split, training, alike):
    """Figures of the model and of popularity on each learner's last enrolment; and the trade-off curve.

    Parameters
    ----------
    model : estimator fitted to what is not held out; None where there is nothing to learn from
    split : Split of `training`
    training : Training
    alike : int64 ndarray (n_items,), groups of near-copies
    """
    if not split.test.nnz:
        nobody = {"n_learners": 0} | dict.fromkeys(FIGURES)
        return {"k": K, "model": nobody, "popularity": nobody, "tradeoff": None}
    popularity = _judgement(Popularity().fit(split.X), split)
    judgement = _judgement(model, split)
    weight = officers_weight()
    curve = draw(model, split, training, alike, k=K, weight=weight)
    in_force = point_in_force(curve, weight) or {"ndcg": None, "gap_closed": None}
    return {
        "k": K,
        "model": _figures(judgement)
        | {"ndcg_of_lists": in_force["ndcg"], "gap_closed": in_force["gap_closed"]},
        "popularity": _figures(popularity) | {"ndcg_of_lists": curve and curve["popularity"]},
        "groups": groups_of(judgement, split, training.sectors),
        "tradeoff": curve,
    }


def _judgement(model, split):
    ranked = rank_judged(model, split.X, split.test, K, times=split.times)
    return judge_lists(ranked, split.X, split.test, K)


def _figures(judgement):
    """Means over the learners with something held out."""
    figures = {name: round(judgement.figures[name].value, 6) for name in FIGURES}
    return {"n_learners": int(judgement.n_users), **figures}


def churn(run_id, live):
    """Mean share of the K best courses that differ from the live run's, on a sample of learners.

    None where there is no live run to differ from.
    """
    if live is None:
        return None
    lists = PackedList.objects.order_by("learner").values_list("learner", "packed")
    before = dict(lists.filter(run=live)[:CHURN_SAMPLE])
    after = lists.filter(run=run_id, learner__in=before)
    pairs = [(unpack(before[learner]), unpack(packed)) for learner, packed in after]
    # Lists that were packed in another format cannot be compared.
    shares = [_share_changed(*pair) for pair in pairs if pair[0] is not None]
    return round(float(np.mean(shares)), 6) if shares else None


def _share_changed(before, after):
    before, after = before["course"][:K], after["course"][:K]
    return 1 - np.isin(after, before).sum() / max(before.size, after.size, 1)


def breaches(quality):
    """Every figure that is out of bounds, as {"figure", "against", "value", "bound"}."""
    model, live = quality["model"], quality["live"] or {}
    bounds = []
    if (live.get("n_learners") or 0) >= ENOUGH_JUDGED:
        bounds = [("n_learners", "live", LEAST_OF_LIVE_JUDGED * live["n_learners"])]
    if model["n_learners"] >= ENOUGH_JUDGED:
        bounds += _bounds_of_quality(quality["popularity"], live)
    if quality["tradeoff"] and quality["tradeoff"]["n_learners"] >= ENOUGH_JUDGED:
        bounds += _bounds_of_ndcg("ndcg_of_lists", quality["popularity"], live)
    found = [
        {"figure": figure, "against": against, "value": model[figure], "bound": bound}
        for figure, against, bound in bounds
        if model[figure] < bound
    ]
    if quality["churn"] is not None and quality["churn"] > MOST_CHURN:
        found.append({"figure": "churn", "against": "limit", "value": quality["churn"], "bound": MOST_CHURN})
    return found


def _bounds_of_quality(popularity, live):
    coverage = LEAST_OF_LIVE_COVERAGE * (live.get("coverage") or 0)
    return [*_bounds_of_ndcg("ndcg", popularity, live), ("coverage", "live", coverage)]


def _bounds_of_ndcg(figure, popularity, live):
    return [
        (figure, "popularity", popularity[figure]),
        (figure, "live", LEAST_OF_LIVE_NDCG * (live.get(figure) or 0)),
    ]


def say(breach):
    """A breach as a sentence for the admin."""
    sentences = {
        ("n_learners", "live"): _(
            "%(value)s learners could be judged; the live run allows no less than %(bound)s."
        ),
        ("ndcg", "popularity"): _("NDCG@10 is %(value)s, below popularity's %(bound)s."),
        ("ndcg", "live"): _("NDCG@10 is %(value)s; the live run allows no less than %(bound)s."),
        ("ndcg_of_lists", "popularity"): _(
            "NDCG@10 of the lists at the weight in force is %(value)s, below popularity's %(bound)s."
        ),
        ("ndcg_of_lists", "live"): _(
            "NDCG@10 of the lists at the weight in force is %(value)s; the live run allows no less than "
            "%(bound)s."
        ),
        ("coverage", "live"): _("Coverage is %(value)s; the live run allows no less than %(bound)s."),
        ("churn", "limit"): _("%(value)s of each list would change; no more than %(bound)s may."),
    }
    sentence = sentences[breach["figure"], breach["against"]]
    decimals = 0 if breach["figure"] == "n_learners" else 3
    return sentence % {name: f"{breach[name]:,.{decimals}f}" for name in ("value", "bound")}
