"""What the lists hold about a person, and with it every table that does."""

from django.utils.translation import gettext_lazy as _

from recommender.learners.personal_tables import LEARNER_TABLES, PersonalTable
from recommender.recommendations.lists import with_names
from recommender.recommendations.models import PackedList
from recommender.recommendations.packing import unpack


def read_lists(user):
    """The courses on every list that is kept for an account, with the run behind each and the reasons."""
    stored = PackedList.objects.filter(learner__user=user).select_related("run").order_by("run")
    readable = [(packed, items) for packed in stored if (items := unpack(packed.packed)) is not None]
    return [
        {
            "run": packed.run_id,
            "made_at": packed.run.finished_at and packed.run.finished_at.isoformat(),
            "rank": item.rank,
            "course": item.course.code,
            "course_name": str(item.course.title),
            "score": item.score,
            "source": item.source.name.lower(),
            "reasons": [
                f"{reason.subject}: {reason.percent}%"
                for part in (item.by_relevance, item.by_value)
                for reason in part.reasons
            ],
        }
        for packed, items in readable
        for item in with_names(items)
    ]


LISTS = PersonalTable(
    "recommendations",
    PackedList,
    "learner__user",
    _("To show you courses at once, without computing while you wait."),
    _("The lists of the last three runs."),
    {
        "id": _("Its number in our database."),
        "learner": _("Whose it is, by number."),
        "run": _("The run that made it."),
        "packed": _("The courses, with their scores and the reasons that add up to them."),
    },
    read=read_lists,
    columns={
        "run": _("The run that made it."),
        "made_at": _("When that run ended."),
        "rank": _("The place on the list."),
        "course": _("The course."),
        "course_name": _("The same in words."),
        "score": _("What the places go by."),
        "source": _("How the course came onto the list: model, goal, sector or popular."),
        "reasons": _("Why, each with its part of the score."),
    },
)
PERSONAL_TABLES = (*LEARNER_TABLES, LISTS)
