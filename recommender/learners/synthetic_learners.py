"""Made-up learners with histories that a collaborative model can learn something from.

Each aims at a role and takes courses that raise the role's skills, popular ones rather than others, easier
ones before harder ones. Some have done such work before and hold all that the role needs, but for what their
courses under way teach. A fixed seed makes the same people every time.
"""

from collections import defaultdict
from datetime import datetime, time, timedelta
from random import Random

from django.utils import timezone

from recommender.catalogue.models import Course, CourseSkill
from recommender.learners.demo_accounts import LEARNER
from recommender.learners.models import Enrolment, Learner, SkillHeld, User
from recommender.learners.synthetic import sample_codes
from recommender.workforce.models import Role, RoleSkill, Sector

SOURCE = "synthetic"
N_LEARNERS = 300
SEED = 20261122
DEMO_ROLE = "data-scientist"
MONTHS_BACK = 30
SHARE_CONSENTING = 0.9
SHARE_PRACTISED = 0.3
# How likely each highest qualification (HKQF level) is.
QUALIFICATIONS = {3: 2, 4: 3, 5: 5, 6: 2}
LANGUAGES = {"en": 0.95, "yue": 0.85, "cmn": 0.5}
BUDGETS_HKD = (0, 2_000, 5_000, 10_000, 25_000, 60_000, 150_000, 350_000)
FINISHED = {Enrolment.Status.COMPLETED: 8, Enrolment.Status.DROPPED: 2}
LATEST = {Enrolment.Status.ENROLLED: 6, Enrolment.Status.COMPLETED: 3, Enrolment.Status.SAVED: 2}


def make_learners(courses_file, today):
    """Makes the learners, what they hold and what they did; the account of the demo learner comes first."""
    random = Random(SEED)
    courses = CourseChoice(courses_file, random)
    roles = list(Role.objects.order_by("slug").prefetch_related("sectors"))
    sectors = list(Sector.objects.order_by("slug"))
    popular = [1 / (rank + 3) for rank in range(len(roles))]
    random.shuffle(popular)
    decided_at = midnight(today) - timedelta(days=30 * MONTHS_BACK)
    for number in range(N_LEARNERS):
        role = random.choices(roles, popular)[0] if number else Role.objects.get(slug=DEMO_ROLE)
        sector = random.choice(list(role.sectors.all()) or sectors)
        learner = make_learner(random, number, role, sector, decided_at)
        hold_skills(random, learner, role)
        enrol(random, learner, courses.for_role(role, learner.hkqf_level), today)
        # Drawn apart, so that whoever is practised changes nothing about the others.
        if number and Random(f"{SEED} {number}").random() < SHARE_PRACTISED:
            practise(learner, role)


def make_learner(random, number, role, sector, decided_at):
    is_demo = number == 0
    consents = is_demo or random.random() < SHARE_CONSENTING
    learner = Learner.objects.create(
        user=User.objects.get(email=LEARNER) if is_demo else None,
        source=SOURCE,
        external_id=f"{number:03}",
        display_name=f"Synthetic learner {number:03}",
        hours_a_week=random.choice((3, 5, 6, 8, 10, 15, 20)),
        budget_cents=random.choice(BUDGETS_HKD) * 100,
        hkqf_level=random.choices(list(QUALIFICATIONS), QUALIFICATIONS.values())[0],
        sector=sector,
        consents_to_profiling=consents,
        profiling_decided_at=decided_at if consents else None,
        is_synthetic=True,
    )
    learner.languages.set([code for code, likely in LANGUAGES.items() if random.random() < likely] or ["en"])
    learner.target_roles.set([role])
    return learner


def hold_skills(random, learner, role):
    needed = list(RoleSkill.objects.filter(role=role).order_by("pk"))
    for need in random.sample(needed, min(len(needed), random.randint(1, 4))):
        SkillHeld.objects.create(learner=learner, skill_id=need.skill_id, level=random.randint(1, need.level))


def practise(learner, role):
    """Gives the learner every skill of the role at its level, save those that courses under way teach."""
    under_way = Enrolment.objects.filter(learner=learner, status=Enrolment.Status.ENROLLED)
    taught = CourseSkill.objects.counted().filter(course__in=under_way.values("course")).values("skill")
    SkillHeld.objects.bulk_create(
        [
            SkillHeld(learner=learner, skill_id=need.skill_id, level=need.level)
            for need in RoleSkill.objects.filter(role=role).exclude(skill__in=taught)
        ],
        update_conflicts=True,
        unique_fields=["learner", "skill"],
        update_fields=["level"],
    )


def enrol(random, learner, courses, today):
    """Gives the learner a history: finished courses at growing intervals, the last ones under way."""
    days = sorted(random.sample(range(1, 30 * MONTHS_BACK), len(courses)), reverse=True)
    n_latest = random.randint(1, 2)
    Enrolment.objects.bulk_create(
        Enrolment(
            learner=learner,
            course_id=course,
            status=choose(random, LATEST if place >= len(courses) - n_latest else FINISHED),
            at=midnight(today) - timedelta(days=ago) + timedelta(hours=random.randint(8, 22)),
        )
        for place, (course, ago) in enumerate(zip(courses, days, strict=True))
    )


def choose(random, weights):
    return random.choices(list(weights), weights.values())[0]


def midnight(day):
    return timezone.make_aware(datetime.combine(day, time()))


class CourseChoice:
    """Which courses somebody with a role in mind takes, in which order."""

    def __init__(self, courses_file, random):
        self.random = random
        codes = sample_codes(courses_file, online=True) + sample_codes(courses_file, online=False)
        self.courses = list(Course.objects.active().filter(code__in=codes).order_by("code"))
        self.levels = defaultdict(dict)
        raised = CourseSkill.objects.counted().filter(course__in=self.courses)
        for course, skill, level in raised.values_list("course_id", "skill_id", "level"):
            self.levels[course][skill] = level
        popularity = [1 / (rank + 10) for rank in range(len(self.courses))]
        random.shuffle(popularity)
        self.popularity = dict(zip((course.pk for course in self.courses), popularity, strict=True))

    def for_role(self, role, hkqf_level):
        """Ids of 5 to 20 courses, easier ones first; at most one of them a whole degree."""
        needs = dict(RoleSkill.objects.filter(role=role).values_list("skill_id", "importance"))
        weights = {
            course.pk: self.popularity[course.pk] * self.relevance(course, needs) ** 2
            for course in self.courses
            if (course.entry_hkqf_level or 0) <= hkqf_level
        }
        # Drawing by weight without putting back (Efraimidis and Spirakis, 2006).
        drawn = sorted(weights, key=lambda pk: self.random.random() ** (1 / weights[pk]), reverse=True)
        degrees = {course.pk for course in self.courses if course.hkqf_level}
        taken = [pk for pk in drawn if pk not in degrees][: self.random.randint(5, 20)]
        if self.random.random() < 0.4:
            taken += [pk for pk in drawn if pk in degrees][:1]
        return sorted(taken, key=lambda pk: max(self.levels[pk].values(), default=2) + self.random.random())

    def relevance(self, course, needs):
        return 0.1 + sum(needs.get(skill, 0) for skill in self.levels[course.pk])
