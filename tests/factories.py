"""Plain rows for tests: each function makes one valid object; name what the test is about."""

from datetime import date
from importlib import import_module
from itertools import count

from django.apps import apps
from django.utils import timezone

from recommender.catalogue.models import (
    Course,
    CourseSkill,
    Offering,
    Prerequisite,
    Provider,
    SubsidyListing,
    SubsidyScheme,
)
from recommender.learners.models import Enrolment, Learner, SkillHeld, User
from recommender.recommendations.models import PackedList, Run
from recommender.skills.models import Skill
from recommender.workforce.models import Demand, Graduates, Role, RoleSkill, RoleSupply, Sector

numbers = count(1)


def make_skill(slug=None, **fields):
    slug = slug or f"skill-{next(numbers)}"
    return Skill.objects.create(slug=slug, **{"name_en": slug, "discipline": "machine_learning"} | fields)


def make_sector(slug=None, **fields):
    slug = slug or f"sector-{next(numbers)}"
    return Sector.objects.create(slug=slug, **{"name_en": slug} | fields)


def make_role(slug=None, *, needs=None, **fields):
    """A role; `needs` maps skills to (importance, level)."""
    slug = slug or f"role-{next(numbers)}"
    role = Role.objects.create(slug=slug, **{"name_en": slug} | fields)
    for skill, (importance, level) in (needs or {}).items():
        RoleSkill.objects.create(role=role, skill=skill, importance=importance, level=level)
    return role


def make_openings(role, value, sector=None, period="2027", **fields):
    defaults = {"description": "openings", "unit": "posts", "source_url": "https://example.hk/openings"}
    return Demand.objects.create(
        role=role, sector=sector, measure="openings", value=value, period=period, **defaults | fields
    )


def make_graduates(role, count, sector=None, period="2027", **fields):
    fields.setdefault("source_url", "https://example.hk/graduates")
    return Graduates.objects.create(role=role, sector=sector, count=count, period=period, **fields)


def make_supply(role, n_meeting=0, n_expected=0, sector=None, **fields):
    fields.setdefault("counted_at", timezone.now())
    return RoleSupply.objects.create(
        role=role, sector=sector, n_meeting=n_meeting, n_expected=n_expected, **fields
    )


def make_provider(code=None, **fields):
    code = code or f"provider-{next(numbers)}"
    return Provider.objects.create(code=code, **{"name_en": code, "kind": "university"} | fields)


def make_course(code=None, *, raises=None, needs=None, after=(), languages=(), **fields):
    """A course; `raises` and `needs` map skills to levels, `after` names courses to complete first."""
    code = code or f"course-{next(numbers)}"
    fields.setdefault("provider", Provider.objects.first() or make_provider())
    course = Course.objects.create(code=code, **{"title_en": code} | fields)
    course.languages.set(languages)
    for skill, level in (raises or {}).items():
        CourseSkill.objects.create(course=course, skill=skill, level=level)
    for skill, level in (needs or {}).items():
        Prerequisite.objects.create(course=course, skill=skill, level=level)
    for required in after:
        Prerequisite.objects.create(course=course, required_course=required)
    return course


def make_offering(course, **fields):
    defaults = {"code": f"{next(numbers)}", "starts_on": date(2099, 1, 1), "ends_on": date(2099, 3, 1)}
    return Offering.objects.create(course=course, **defaults | fields)


def continuing_education_fund():
    """The scheme that a migration loads; loaded again where a test emptied the database."""
    import_module("recommender.catalogue.migrations.0004_continuing_education_fund").load(apps, None)
    return SubsidyScheme.objects.get(slug="cef")


def make_listing(course, *, is_listed=True, **fields):
    """Says that the Continuing Education Fund lists a course, or does not."""
    scheme = fields.pop("scheme", None) or continuing_education_fund()
    return SubsidyListing.objects.create(course=course, scheme=scheme, is_listed=is_listed, **fields)


def make_user(email=None, **fields):
    return User.objects.create_user(
        email or f"person{next(numbers)}@example.hk", "a long passphrase", **fields
    )


def make_learner(*, consents=True, languages=(), target_roles=(), holds=None, **fields):
    """A learner imported from a source, unless a user is given; `holds` maps skills to levels."""
    if "user" not in fields:
        fields = {"source": "test", "external_id": f"{next(numbers)}"} | fields
    learner = Learner.objects.create(
        consents_to_profiling=consents, profiling_decided_at=timezone.now() if consents else None, **fields
    )
    learner.languages.set(languages)
    learner.target_roles.set(target_roles)
    for skill, level in (holds or {}).items():
        SkillHeld.objects.create(learner=learner, skill=skill, level=level)
    return learner


def make_enrolment(learner, course, status="enrolled", at=None):
    return Enrolment.objects.create(learner=learner, course=course, status=status, at=at)


def make_run(status="published", *, has_lists=True, **fields):
    """A run as the job leaves it, with a list for one learner."""
    fields.setdefault("finished_at", timezone.now() if status in ("published", "held", "failed") else None)
    run = Run.objects.create(status=status, **fields)
    if has_lists:
        PackedList.objects.create(run=run, learner=make_learner(), packed=b"")
    return run
