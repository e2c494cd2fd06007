"""What search engines read on a course's page: schema.org's `Course`, in JSON-LD.

Only facts that the page shows. Synthetic dates are left out, since nobody can join on them.
"""

import json

from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from recommender.catalogue.fees import fee_of
from recommender.catalogue.models import Mode

MODES = {Mode.ONLINE: "online", Mode.FACE_TO_FACE: "onsite", Mode.BLENDED: "blended"}
# Ends no script element early, wherever it stands in a text.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def course_json_ld(card, address):
    """The content of a script element of type application/ld+json.

    Parameters
    ----------
    card : Card
    address : the page's own, with host
    """
    course = card.course
    facts = {
        "@context": "https://schema.org",
        "@type": "Course",
        "@id": address,
        "url": address,
        "name": str(course.title),
        "description": str(course.description) or in_short(card),
        "courseCode": course.code,
        "provider": provider_of(course),
        "inLanguage": [language.code for language in card.languages],
        "teaches": [str(step.skill.name) for step in card.skills],
        "educationalLevel": _("HKQF level %(level)s") % {"level": course.hkqf_level}
        if course.hkqf_level
        else None,
        "timeRequired": duration(course),
        "offers": offer_of(course),
        "hasCourseInstance": instances_of(card),
    }
    text = json.dumps({name: value for name, value in facts.items() if value}, ensure_ascii=False)
    return mark_safe(text.translate(ESCAPES))


def in_short(card):
    """One sentence of facts, where nobody described the course."""
    course = {"title": card.course.title, "provider": card.course.provider.name}
    if not card.skills:
        return _("%(title)s, a course by %(provider)s.") % course
    skills = ", ".join(str(step.skill.name) for step in card.main_skills)
    return _("%(title)s, a course by %(provider)s. It teaches: %(skills)s.") % {**course, "skills": skills}


def provider_of(course):
    provider = {"@type": "Organization", "name": str(course.provider.name)}
    return provider | ({"sameAs": course.provider.url} if course.provider.url else {})


def offer_of(course):
    """The fee as stated: one that is not for the whole course says for what it is."""
    fee = fee_of(course, None)
    if fee.cents is None:
        return None
    price = {"price": f"{fee.cents / 100:.2f}", "priceCurrency": "HKD"}
    if fee.whole_cents is not None:
        return [{"@type": "Offer", "category": "Paid" if fee.cents else "Free", **price}]
    unit = {"@type": "UnitPriceSpecification", "unitText": course.get_fee_basis_display(), **price}
    category = "Paid" if fee.cents else "Partially Free"
    return [{"@type": "Offer", "category": category, "priceSpecification": unit}]


def duration(course):
    return f"PT{course.notional_hours}H" if course.notional_hours else None


def instances_of(card):
    """A course without dates is taught at any time; without hours or a mode there is nothing to say."""
    workload = duration(card.course)
    dated = [offering for offering in card.offerings if not offering.is_synthetic]
    occasions = [(offering.mode or card.course.mode, dates_of(offering)) for offering in dated]
    if not card.offerings:
        occasions = [(card.course.mode, {})]
    return [
        {"@type": "CourseInstance", "courseMode": MODES[mode], "courseWorkload": workload, **dates}
        for mode, dates in occasions
        if mode and workload
    ]


def dates_of(offering):
    return {"startDate": offering.starts_on.isoformat(), "endDate": offering.ends_on.isoformat()}
