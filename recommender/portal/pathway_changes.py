"""The changes of a learner's limits with which there would be a pathway: in words, and as an address."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommender.portal.pathway_form import dollars
from recommender.portal.templatetags.hongkong import day, hkd


@dataclass(frozen=True)
class Proposal:
    """Changes, in words, with which there would be a pathway, and the address that asks with all of them."""

    words: list[str]
    address: str


def changes_of(why_none, form, wish):
    """Each change, or set of changes, that would make a pathway possible, to a part of the role perhaps."""
    if why_none is None:
        return []
    share = why_none.coverage_changed
    part = {"coverage": share} if share < wish.coverage else {}
    return [
        Proposal(
            [in_words(change) for change in changes],
            address_of(form, **asked_with(changes, wish, form), **part),
        )
        for changes in why_none.changes
    ]


def asked_with(changes, wish, form):
    """What the form says with the changes made."""
    asked = {}
    for change in changes:
        if change.limit == "hours":
            asked["hours_a_week"] = change.after
        elif change.limit == "budget":
            asked["budget"] = dollars(change.after)
        elif change.limit == "level":
            asked["hkqf_level"] = change.after
        elif change.limit == "languages":
            asked["languages"] = form.data.getlist("languages") + [one.pk for one in change.languages]
        elif change.limit == "horizon":
            asked["finish_by"] = change.after
        elif change.limit == "start":
            # An earlier start leaves the end where it was.
            asked = {"starts_on": change.after, "finish_by": wish.horizon} | asked
    return asked


def in_words(change):
    before, after = change.before, change.after
    if change.limit == "hours":
        sentence = ngettext(
            "%(after)d hour a week instead of %(before)d",
            "%(after)d hours a week instead of %(before)d",
            after,
        )
        return sentence % {"after": after, "before": before}
    if change.limit == "budget":
        return _("%(more)s more to spend") % {"more": hkd(after - before)}
    if change.limit == "level":
        return _("a qualification at HKQF level %(after)d instead of %(before)d") % {
            "after": after,
            "before": before,
        }
    if change.limit == "languages":
        names = _(", ").join(str(language.name) for language in change.languages)
        return _("following courses in these languages too: %(languages)s") % {"languages": names}
    if change.limit == "horizon":
        return _("time until %(after)s instead of %(before)s") % {"after": day(after), "before": day(before)}
    return _("a start by %(after)s instead of %(before)s") % {"after": day(after), "before": day(before)}


def address_of(form, **changed):
    """The address of the page with what was asked, some of it changed; a list stands for several values."""
    query = form.data.copy()
    for name, value in changed.items():
        query.setlist(name, value if isinstance(value, list) else [value])
    return f"{reverse('portal:my_pathway')}?{query.urlencode()}#pathways"
