"""What a run's figures say, as tables for people."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from recommender.recommendations.judging import say
from recommender.recommendations.missing import ALONE, SEVERAL, UNTAUGHT
from recommender.recommendations.models import Run
from recommender.recommendations.packing import Demand
from recommender.recommendations.rules import Rule
from recommender.skills.numbers import rounded
from recommender.workforce.models import Sector

BECAUSE = {
    UNTAUGHT: gettext_lazy("nobody teaches it"),
    ALONE[Rule.NO_OFFERING]: gettext_lazy("no open offering"),
    ALONE[Rule.IN_LEARNING]: gettext_lazy("in their learning already"),
    ALONE[Rule.DISMISSED]: gettext_lazy("turned down"),
    ALONE[Rule.ENTRY_LEVEL]: gettext_lazy("entry level"),
    ALONE[Rule.PREREQUISITE]: gettext_lazy("prerequisites"),
    ALONE[Rule.LANGUAGE]: gettext_lazy("language"),
    ALONE[Rule.HOURS]: gettext_lazy("hours a week"),
    SEVERAL: gettext_lazy("several of these at once"),
}


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
        "ndcg_of_lists": _("NDCG@%(k)s of the lists, at the weight in force") % {"k": k},
        "gap_closed": _("Gap closed per recommendation"),
        "n_learners": _("Learners judged"),
    }
    return {
        "headers": [_("Figure"), _("This model"), _("Popularity"), _("Live run then")],
        "rows": [[label, *(figure(column.get(key)) for column in columns)] for key, label in rows.items()],
    }


def groups_table(run):
    """Quality by sector and by length of history; None where no group is large enough to be judged."""
    groups = run.quality.get("groups") or {}
    sectors = Sector.objects.in_bulk([row["sector"] for row in groups.get("sectors", []) if row["sector"]])
    rows = [(_sector(row["sector"], sectors), row) for row in groups.get("sectors", [])]
    rows += [
        (_("With %(number)s courses or more") % {"number": row["from"]}, row)
        for row in groups.get("courses", [])
    ]
    k = run.quality.get("k")
    return rows and {
        "headers": [_("Group"), f"NDCG@{k}", _("Recall@%(k)s") % {"k": k}, _("Learners judged")],
        "rows": [
            [label, figure(row["ndcg"]), figure(row["recall"]), figure(row["n_learners"])]
            for label, row in rows
        ],
    }


def _sector(pk, sectors):
    if not pk:
        return _("No sector stated")
    return str(sectors[pk]) if pk in sectors else _("A sector that is gone")


def demand_known(run):
    """Whether value rests on counted demand, as a sentence; None before the lists were made."""
    demand = run.quality.get("demand")
    if not demand or not demand["n_skills"]:
        return None
    if not demand["n_known"]:
        return _("Demand is known for none of the skills that roles need: value comes from gaps alone.")
    sentence = _(
        "Demand is known for %(known)s of the %(all)s skills that roles need; others count as average."
    )
    return sentence % {"known": demand["n_known"], "all": demand["n_skills"]}


def figure(value):
    """A share with three decimals, a count with none, a dash for what could not be judged."""
    if value is None:
        return "–"
    return rounded(value, 0 if isinstance(value, int) else 3)


def reasons_held(run):
    return [say(breach) for breach in run.held_because]


def model_table(run):
    """Everything that the model was fitted with, and the file it is kept in."""
    rows = []
    for member in run.model.get("members", []):
        rows.append(
            [member["family"], _("coefficient %(value)s") % {"value": _setting(member["coefficient"])}]
        )
        rows += [[f"{member['family']}.{name}", _setting(v)] for name, v in member["hyperparameters"].items()]
    return {"headers": [_("Setting"), _("Value")], "rows": [*rows, [_("File"), run.artefact or "–"]]}


def search_table(run):
    """Everything that was tried before the model was chosen; None where nothing was."""
    trials = run.model.get("trials")
    if not trials:
        return None
    rows = [
        [trial["model"], _values(trial["params"]), figure(trial["ndcg"]), rounded(trial["seconds"], 1)]
        for trial in trials
    ]
    return {"headers": [_("Model"), _("Values"), f"NDCG@{run.quality.get('k')}", _("Seconds")], "rows": rows}


def _values(params):
    return ", ".join(f"{name} {_setting(value)}" for name, value in params.items())


def _setting(value):
    if isinstance(value, list):
        return " + ".join(map(_setting, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def list_table(recommendations):
    """The courses of one list, best first."""
    return {
        "headers": [
            _("Rank"),
            _("Course"),
            _("Score"),
            _("Relevance"),
            pgettext("part of a score", "Value"),
            _("Gap closed"),
            _("Because"),
            _("Relevance in the score"),
            _("Value in the score"),
        ],
        "rows": [
            [
                item.rank,
                str(item.course),
                figure(item.score),
                figure(item.relevance),
                figure(item.value),
                figure(item.gap_closed),
                item.source.label,
                _shares(item.by_relevance),
                " · ".join([_shares(item.by_value), *_unknown_demand(item)]),
            ]
            for item in recommendations
        ],
    }


def _unknown_demand(item):
    if item.demand in (Demand.UNKNOWN, Demand.PARTLY):
        yield str(item.demand.label)


def _shares(part):
    shares = [f"{reason.subject}: {reason.percent}%" for reason in part.reasons]
    if part.rest_percent:
        shares.append(_("everything else: %(percent)s%%") % {"percent": part.rest_percent})
    return ", ".join(shares) or "–"


def why_no_course(missing):
    """What stands in the way, with the number of learners, the most frequent first."""
    by_size = sorted(missing.because.items(), key=lambda pair: -pair[1])
    return ", ".join(
        _("%(reason)s: %(number)s") % {"reason": BECAUSE[reason], "number": rounded(number)}
        for reason, number in by_size
    )


def shortage_in_words(missing):
    if missing.shortage is None:
        return _("unknown")
    if missing.is_shortage_synthetic:
        return _("%(shortage)s, from synthetic figures") % {"shortage": figure(missing.shortage)}
    return figure(missing.shortage)


def missing_courses_sheet(rows):
    """Header and rows of the brief of missing courses, as a spreadsheet holds them."""
    header = [
        _("Rank"),
        _("Skill"),
        _("Skill in English"),
        _("Subject"),
        _("Level"),
        _("Level in words"),
        _("Learners a course would unlock"),
        _("Learners who lack it"),
        _("Synthetic learners a course would unlock"),
        _("Synthetic learners who lack it"),
        _("Shortage"),
        _("Shortage from synthetic figures"),
        *map(str, BECAUSE.values()),
        _("Run"),
    ]
    return header, [
        [
            rank,
            missing.skill.name,
            missing.skill.name_en,
            missing.skill.get_discipline_display(),
            missing.level,
            missing.get_level_display(),
            missing.n_unlocked,
            missing.n_lacking,
            missing.n_synthetic_unlocked,
            missing.n_synthetic_lacking,
            _("unknown") if missing.shortage is None else round(missing.shortage, 4),
            _("yes") if missing.is_shortage_synthetic else _("no"),
            *(missing.because.get(reason, 0) for reason in BECAUSE),
            missing.run_id,
        ]
        for rank, missing in enumerate(rows, start=1)
    ]
