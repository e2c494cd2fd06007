"""Pathways of a learner to a role: today's facts for the engine, and what it finds in the product's words."""

import time
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import combinations

import numpy as np
from django.core.cache import cache

from recommender.catalogue.fees import Fee, fee_of
from recommender.catalogue.models import Course, Mode, Offering, SubsidyListing, SubsidyScheme
from recommender.catalogue.subsidies import left_of
from recommender.engine.pathway_problem import UNKNOWN_FEE, Courses, Limits, Offerings, Problem
from recommender.engine.pathway_reasons import Change, Reasons, why_none
from recommender.engine.pathway_selection import OutOfTimeError
from recommender.engine.pathways import Pathway, Spell, chance_of_finishing, find_pathways
from recommender.learners.costs import claimant_of, costs_of
from recommender.learners.models import Enrolment, Event, SavedPathway
from recommender.recommendations.facts import (
    hours_a_week,
    read_courses,
    read_learners,
    read_roles,
    read_vocabulary,
    weeks_between,
)
from recommender.recommendations.fingerprint import fingerprint
from recommender.recommendations.pathway_wish import wish_of
from recommender.recommendations.refresh import learned, live_run
from recommender.recommendations.scoring import relevance_of
from recommender.skills.models import Language, Skill

# The product's own assumption of a course at one's own pace that states no hours; the median of those of the
# sample that do is 19.
ASSUMED_HOURS = 20
# What a visitor of a page waits at most: for the pathways, and with the reasons why there is none.
SECONDS_TO_FIND, SECONDS = 4.0, 5.0
# Who moves a limit to and fro is not made to wait for the same answer again.
KEPT_SECONDS = 300
WITH_DATES = (Course.StudyPattern.FULL_TIME, Course.StudyPattern.PART_TIME, Course.StudyPattern.EITHER)


@dataclass(frozen=True)
class PlannedStep:
    """A course with its offering, None at one's own pace; `spells` are days since the start of the pathway.

    hours : a week where dated, in all at one's own pace
    is_assumed : whether the hours are assumed, since the source does not say
    is_language_open : whether the learner named languages and the source does not say the course's
    """

    course: Course
    offering: Offering | None
    starts_on: date
    ends_on: date
    hours: float
    is_assumed: bool
    fee: Fee
    is_subsidised: bool
    is_language_open: bool
    spells: list[Spell]


@dataclass(frozen=True)
class MissingSkill:
    """A skill that is needed, with the level that is reached at the end of a pathway."""

    skill: Skill
    reached: int
    needed: int


@dataclass(frozen=True)
class Alternative:
    """One pathway. Shares are in percent.

    Money is in cents and leaves out the fees that are not known; None where none of them is.

    is_budget_open : whether a budget was given and unknown fees decide whether the pathway keeps it
    missing : needed skills that are not reached in full
    """

    kind: str
    steps: list[PlannedStep]
    pay_now_cents: int | None
    back_cents: int | None
    net_cents: int | None
    n_unknown_fees: int
    is_budget_open: bool
    starts_on: date
    ends_on: date
    most_hours_a_week: float
    covered: int
    missing: list[MissingSkill]
    chance: int
    is_proven: bool

    @property
    def weeks(self):
        return -(-((self.ends_on - self.starts_on).days + 1) // 7)

    @property
    def has_dates_at_once(self):
        """Whether offerings with dates overlap; their timetables are free text, which nothing compares."""
        dated = [step for step in self.steps if step.offering]
        return any(
            one.starts_on <= other.ends_on and other.starts_on <= one.ends_on
            for one, other in combinations(dated, 2)
        )


@dataclass(frozen=True)
class UntaughtSkill:
    skill: Skill
    level: int
    best: int
    has_ended: bool


@dataclass(frozen=True)
class LimitChange:
    """Values as in Wish; `languages` are those to add, and horizon and start are dates."""

    limit: str
    before: int | date
    after: int | date
    languages: list[Language]


@dataclass(frozen=True)
class WhyNone:
    """`changes` are for `coverage_changed`, which is more than `coverage`; shares are in percent."""

    untaught: list[UntaughtSkill]
    circles: list[list[Course]]
    changes: list[list[LimitChange]]
    coverage: int
    coverage_changed: int
    is_proven: bool


@dataclass(frozen=True)
class Found:
    """`alternatives` is empty where there is none, and `why_none` says why.

    Both are empty where the time ran out.

    under_way : courses that the learner is taking; when those end is not known, and the plan counts all that
        they teach as in place. `covered_now` does not.
    """

    covered_now: int
    under_way: list[Course]
    alternatives: list[Alternative]
    why_none: WhyNone | None


def pathways_to(learner, role, wish, *, today):
    """The fastest, the cheapest and the surest pathway of a learner to a role, or why there is none.

    Where no fee of the cheapest is known there are the two others only.
    """
    return Question(learner, role, wish, today=today).answer()


def untaught_of(learner, role, *, today):
    """What a role needs, or what leads there, that no course open to anybody teaches: UntaughtSkill of each.

    The same as a search for pathways to all of the role says.
    """
    planner = _Planner(learner, role, wish_of(learner, today=today), today)
    if not planner.problem.missing.size:
        return []
    return planner.why_none(why_none(planner.problem, seconds=0)).untaught


class Question:
    """What a learner asks, with the facts of today."""

    def __init__(self, learner, role, wish, *, today):
        self._planner = _Planner(learner, role, wish, today)
        self._key = f"pathways-{self._planner.fingerprint()}"
        self._solved = cache.get(self._key)

    @property
    def is_answered(self):
        """Whether the very same problem was solved a short time ago, so that the answer costs nothing."""
        return self._solved is not None

    def answer(self):
        planner = self._planner
        found, reasons = self._solved or self._solve()
        return Found(
            planner.covered_now(),
            planner.under_way,
            [
                planner.alternative(kind, pathway)
                for kind, pathway in found.items()
                if kind != SavedPathway.Kind.CHEAPEST or knows_a_fee(pathway)
            ],
            planner.why_none(reasons) if reasons else None,
        )

    def _solve(self):
        """Pathways by kind, and where there are none the reasons; only what is proven is kept."""
        began, problem = time.monotonic(), self._planner.problem
        try:
            found = find_pathways(problem, seconds=SECONDS_TO_FIND)
            reasons = None if found else why_none(problem, seconds=began + SECONDS - time.monotonic())
        except OutOfTimeError:
            return {}, None
        if all(each.is_proven for each in (*found.values(), *([reasons] if reasons else []))):
            cache.set(self._key, (found, reasons), KEPT_SECONDS)
        return found, reasons


class _Planner:
    """The facts of today as arrays, and the way back from positions to rows."""

    def __init__(self, learner, role, wish, today):
        self.learner, self.wish, self.today = learner, wish, today
        self.vocabulary = read_vocabulary()
        self.facts = read_courses(self.vocabulary, on=today)
        self.person = read_learners(self.vocabulary, self.facts, [learner.pk])
        self.roles = read_roles(self.vocabulary)
        self.run = live_run()
        active = Course.objects.active().select_related("provider").in_bulk()
        # A course that came since the facts were read is none of them.
        self.known = set(self.facts.ids.tolist())
        self.courses = {pk: course for pk, course in active.items() if pk in self.known}
        self.under_way = self._under_way()
        self.occasions = self._occasions()
        self.tiers, self.claims, self.is_subsidised = self._subsidy()
        self.problem = self._problem(role)

    def _under_way(self):
        enrolled = Enrolment.objects.filter(learner=self.learner, status=Enrolment.Status.ENROLLED)
        courses = Course.objects.filter(pk__in=enrolled.values("course"))
        return [course for course in courses if course.pk in self.known]

    def _occasions(self):
        """(course, offering or None) of everything that can still be begun."""
        dismissed = Event.objects.filter(learner=self.learner, kind=Event.Kind.DISMISSED)
        out = set(dismissed.values_list("course", flat=True))
        has_dates = set(Offering.objects.order_by().values_list("course", flat=True).distinct())
        dated = [
            (self.courses[offering.course_id], offering)
            for offering in Offering.objects.open(on=self.today)
            if offering.course_id in self.courses and offering.course_id not in out
        ]
        known = self.courses.keys() - has_dates - out
        return dated + [(self.courses[pk], None) for pk in sorted(known) if is_at_own_pace(self.courses[pk])]

    def _subsidy(self):
        """What is left of the tiers and claims of the scheme that pays for most, and for which occasions."""
        schemes = list(SubsidyScheme.objects.prefetch_related("rules__tiers"))
        listings = {(row.course_id, row.scheme_id): row for row in SubsidyListing.objects.all()}
        claimant = claimant_of(self.learner)
        costs = costs_of(claimant, self.occasions, schemes, listings, today=self.wish.starts_on)
        rules = [cost.rule if cost.rule and cost.back_if_passed else None for cost in costs]
        numbers = {rule.pk: rules.count(rule) for rule in rules if rule}
        if not numbers:
            return (), None, np.zeros(len(rules), dtype=bool)
        most = max(numbers, key=numbers.get)
        rule = next(rule for rule in rules if rule and rule.pk == most)
        tiers = left_of(rule.tiers.all(), claimant.used_cents.get(rule.scheme_id, 0))
        claims = rule.max_claims and rule.max_claims - claimant.n_claims.get(rule.scheme_id, 0)
        pays = np.array([rule is not None and rule.pk == most for rule in rules], dtype=bool)
        return tuple(tiers), claims, pays

    def _problem(self, role):
        facts, wish = self.facts, self.wish
        start = self._day(wish.starts_on)
        under_way = np.searchsorted(facts.ids, [course.pk for course in self.under_way])
        return Problem(
            needed=self._of_role(self.roles.level, role),
            importance=self._of_role(self.roles.importance, role).astype(float),
            held=np.maximum(self._held(), facts.raises[under_way].toarray().max(axis=0, initial=0)),
            completed=self.person.completed[0] | np.isin(np.arange(facts.ids.size), under_way),
            courses=Courses(
                facts.raises, facts.needs_skill, facts.needs_course, facts.languages, facts.entry_level
            ),
            offerings=self._offerings(),
            limits=Limits(
                start=start,
                horizon=self._day(wish.horizon),
                hours_a_week=float(wish.hours_a_week),
                budget_cents=wish.budget_cents,
                languages=self._languages(),
                hkqf_level=wish.hkqf_level or int(self.person.hkqf_level[0]),
                coverage=wish.coverage / 100,
                tiers=self.tiers,
                claims=self.claims,
            ),
        )

    def fingerprint(self):
        """The same for whoever would get the same answer."""
        occasions = [(course.pk, offering and offering.pk) for course, offering in self.occasions]
        return fingerprint(
            self.problem, occasions, self.facts.ids, self.vocabulary.skills, self.vocabulary.languages
        )

    def _languages(self):
        """As a bit set."""
        if self.wish.languages is None:
            return int(self.person.languages[0])
        bits = enumerate(self.vocabulary.languages)
        return sum(1 << place for place, code in bits if code in self.wish.languages)

    def _held(self):
        return self.person.held[0].astype(np.int64)

    def _of_role(self, by_role, role):
        return by_role.get(role.pk, np.zeros(self.vocabulary.skills.size, dtype=np.int64))

    def _offerings(self):
        ids = np.array([course.pk for course, _ in self.occasions], dtype=np.int64)
        position = np.searchsorted(self.facts.ids, ids)
        fees = [fee_of(*occasion) for occasion in self.occasions]
        hours = np.array([hours_of(*occasion)[0] for occasion in self.occasions], dtype=float)
        is_dated = np.array([offering is not None for _, offering in self.occasions], dtype=bool)
        load = np.where(is_dated, hours / self.wish.hours_a_week, 0)
        return Offerings(
            course=position,
            is_dated=is_dated,
            starts=self._days([offering.starts_on if offering else None for _, offering in self.occasions]),
            ends=self._days([offering.ends_on if offering else None for _, offering in self.occasions]),
            hours=hours,
            fee_cents=np.array(
                [UNKNOWN_FEE if fee.whole_cents is None else fee.whole_cents for fee in fees], dtype=np.int64
            ),
            part_cents=np.array([fee.part_cents for fee in fees], dtype=np.int64),
            is_subsidised=self.is_subsidised,
            chance=chance_of_finishing(self._relevance()[position], load),
        )

    def _relevance(self):
        """In [0, 1]: the live model's scores where a consenting learner has a history, else popularity."""
        fitted = learned(self.run)
        scores = relevance_of(fitted, self.facts, self.person)[0].astype(float)
        if not scores.any():
            known = np.isin(self.facts.ids, fitted.courses)
            scores[known] = fitted.popularity[np.searchsorted(fitted.courses, self.facts.ids[known])]
        return np.clip(scores, 0, None) / max(scores.max(initial=0), np.finfo(float).tiny)

    def _day(self, day):
        return (day - self.today).days

    def _days(self, days):
        return np.array([0 if day is None else self._day(day) for day in days], dtype=np.int64)

    def _date(self, day):
        return self.today + timedelta(days=int(day))

    def covered_now(self):
        problem = self.problem
        whole = problem.importance @ problem.needed
        has = problem.importance @ np.minimum(self._held(), problem.needed)
        return int(100 * has / whole) if whole else 0

    def alternative(self, kind, pathway: Pathway):
        start = self.problem.limits.start
        steps = [self._step(step, start) for step in pathway.steps]
        spells = [spell for step in steps for spell in step.spells]
        is_known = knows_a_fee(pathway)
        return Alternative(
            kind=kind,
            steps=steps,
            pay_now_cents=pathway.fee_cents if is_known else None,
            back_cents=pathway.back_cents if is_known else None,
            net_cents=pathway.net_cents if is_known else None,
            n_unknown_fees=pathway.n_unknown_fees,
            is_budget_open=self.wish.budget_cents is not None and pathway.n_unknown_fees > 0,
            starts_on=self.wish.starts_on,
            ends_on=max((step.ends_on for step in steps), default=self.wish.starts_on),
            most_hours_a_week=max(
                (sum(s.hours for s in spells if s.start <= at.start < s.end) for at in spells), default=0.0
            ),
            covered=_percent(pathway.covered),
            missing=self._missing(pathway.reached),
            chance=round(100 * pathway.chance),
            is_proven=pathway.is_proven,
        )

    def _missing(self, reached):
        """The needed skills of which less is reached, the most important first."""
        problem = self.problem
        short = np.flatnonzero((problem.importance > 0) & (reached < problem.needed))
        return [
            MissingSkill(self._needed_skills[self._skill(at)], int(reached[at]), int(problem.needed[at]))
            for at in sorted(short.tolist(), key=lambda at: -problem.importance[at])
        ]

    @cached_property
    def _needed_skills(self):
        return Skill.objects.in_bulk([self._skill(column) for column in self.problem.missing])

    def _step(self, step, start):
        course, offering = self.occasions[step.offering]
        hours, is_assumed = hours_of(course, offering)
        return PlannedStep(
            course=course,
            offering=offering,
            starts_on=self._date(step.starts),
            ends_on=self._date(step.ends),
            hours=hours,
            is_assumed=is_assumed,
            fee=fee_of(course, offering),
            is_subsidised=step.is_claimed,
            is_language_open=self._is_language_open(course),
            spells=[
                replace(spell, start=spell.start - start, end=spell.end - start) for spell in step.spells
            ],
        )

    def _is_language_open(self, course):
        place = np.searchsorted(self.facts.ids, course.pk)
        return bool(self.person.languages[0]) and not self.facts.languages[place]

    def why_none(self, reasons: Reasons):
        skills = Skill.objects.in_bulk([self._skill(gap.skill) for gap in reasons.untaught])
        circles = [[int(self.facts.ids[place]) for place in circle] for circle in reasons.circles]
        named = Course.objects.in_bulk({pk for circle in circles for pk in circle})
        languages = Language.objects.in_bulk()
        coverage, coverage_changed = _percent(reasons.coverage), _percent(reasons.coverage_changed)
        # What is less than a percent more is no more in what people read.
        changes = reasons.changes if coverage_changed > coverage else []
        return WhyNone(
            untaught=[
                UntaughtSkill(
                    skills[int(self.vocabulary.skills[gap.skill])], gap.level, gap.best, gap.has_ended
                )
                for gap in reasons.untaught
            ],
            circles=[[named[pk] for pk in circle] for circle in circles],
            changes=[[self._change(change, languages) for change in each] for each in changes],
            coverage=coverage,
            coverage_changed=coverage_changed,
            is_proven=reasons.is_proven,
        )

    def _skill(self, column):
        return int(self.vocabulary.skills[column])

    def _change(self, change: Change, languages):
        before, after, more = change.before, change.after, []
        if change.limit in ("horizon", "start"):
            before, after = self._date(before), self._date(after)
        if change.limit == "languages":
            bits = before ^ after
            more = [
                languages[code] for place, code in enumerate(self.vocabulary.languages) if bits >> place & 1
            ]
        return LimitChange(change.limit, before, after, more)


def knows_a_fee(pathway: Pathway):
    """Whether any fee is known, or nothing is to pay."""
    return not pathway.steps or pathway.n_unknown_fees < len(pathway.steps)


def _percent(share):
    """Whole percent that are reached; the small part of one that rounding may have taken counts."""
    return int(100 * share + 1e-6)


def is_at_own_pace(course):
    """Whether a course without dated offerings can be planned: not where it has dates that nobody states.

    Nor where it leads to a qualification and states no hours: that takes years, not ASSUMED_HOURS.
    """
    if course.study_pattern == Course.StudyPattern.SELF_PACED:
        return True
    if course.study_pattern in WITH_DATES or course.mode in (Mode.FACE_TO_FACE, Mode.BLENDED):
        return False
    return bool(course.notional_hours) or course.hkqf_level is None


def hours_of(course, offering):
    """(hours, whether they are assumed): a week of a dated offering, in all without one."""
    is_assumed = not course.notional_hours
    if offering is None:
        return course.notional_hours or ASSUMED_HOURS, is_assumed
    weeks = weeks_between(offering.starts_on, offering.ends_on)
    return hours_a_week(course.study_pattern, course.notional_hours, weeks), is_assumed
