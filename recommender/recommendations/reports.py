"""What a run's figures say, as tables for people."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from recommender.recommendations.judging import say
from recommender.recommendations.models import Run


def is_unfinished(run):
    return run.status in (Run.Status.QUEUED, *Run.ACTIVE)


def quality_table(run):
    """The model beside popularity and the run that was live then; None before the run was judged."""
    if not run.quality:
        return None
    columns = [run.quality.get(who) or {} for who in ("model", "popularity", "live")]
    k = run.quality.get("k")
    rows = {
        "ndcg": f"NDCG@{k}",
        "recall": _("Recall@%(k)s") % {"k": k},
        "hit_rate": _("Hit rate"),
        "coverage": _("Coverage"),
        "n_learners": _("Learners judged"),
    }
    return {
        "headers": [_("Figure"), _("This model"), _("Popularity"), _("Live run then")],
        "rows": [[label, *(figure(column.get(key)) for column in columns)] for key, label in rows.items()],
    }


def figure(value):
    """A share with three decimals, a count with none, a dash for what could not be judged."""
    if value is None:
        return "–"
    return number_format(value, 0 if isinstance(value, int) else 3)


def reasons_held(run):
    return [say(breach) for breach in run.held_because]


def model_table(run):
    """Everything that the model was fitted with, and the file it is kept in."""
    rows = [[name, _setting(value)] for name, value in _flat(run.model)]
    return {"headers": [_("Setting"), _("Value")], "rows": [*rows, [_("File"), run.artefact or "–"]]}


def _flat(settings):
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value)
        else:
            yield name, value


def _setting(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def list_table(recommendations):
    """The courses of one list, best first."""
    return {
        "headers": [_("Rank"), _("Course"), _("Score"), _("Because"), _("Share of the score")],
        "rows": [
            [item.rank, str(item.course), figure(item.score), item.source.label, _shares(item)]
            for item in recommendations
        ],
    }


def _shares(item):
    shares = [f"{reason.subject}: {reason.percent}%" for reason in item.reasons]
    if item.rest_percent:
        shares.append(_("everything else: %(percent)s%%") % {"percent": item.rest_percent})
    return ", ".join(shares)
