"""What a course costs a learner: ten real courses priced by hand, and who gets nothing back and why."""

from datetime import date

import pytest

from recommender.catalogue.models import SubsidyRule, SubsidyScheme, SubsidyTier
from recommender.learners import services
from recommender.learners.claims import claim
from recommender.learners.costs import Budget, WhyNot, net_cost, net_costs
from recommender.learners.models import Learner, SubsidyClaim
from tests.factories import (
    continuing_education_fund,
    make_course,
    make_learner,
    make_listing,
    make_offering,
    make_user,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)

# Code, title, fee in HK$ for the whole programme, source of the fee; then, worked by hand, what the fund pays
# back to somebody new and to somebody who was paid HK$8,000 before. That the fund lists them is assumed: its
# list was not read, pages name selected modules only, and ERB's courses are not on it.
REAL_COURSES = [
    (
        "hku-msc-ai",
        "Master of Science in Artificial Intelligence",
        360_000,
        "https://www.scifac.hku.hk/prospective/tpg/ArtificialIntelligence",
        # Far above 37,500, where 25,000 is reached; 17,000 are left after 8,000.
        25_000,
        17_000,
    ),
    (
        "hkuspace-pgd-cyber-security",
        "Postgraduate Diploma in Cyber Security",
        180_000,
        "https://hkuspace.hku.hk/prog/postgrad-dip-in-cyber-security",
        25_000,
        17_000,
    ),
    (
        "hkuspace-pgd-applied-financial-engineering",
        "Postgraduate Diploma in Applied Financial Engineering",
        47_300,
        "https://www.hkuspace.hku.hk/cht/prog/postgrad-dip-in-applied-financial-engineering",
        # 10,000 of the first 12,500; 60% of 34,800 is 20,880, above 15,000.
        25_000,
        # 2,000 of the first 2,500; 60% of 44,800 is 26,880, above 15,000.
        17_000,
    ),
    (
        "hkust-msc-big-data-technology",
        "Master of Science in Big Data Technology",
        242_000,
        "https://prog-crs.hkust.edu.hk/pgprog/2024-25/msc-bdt",
        25_000,
        17_000,
    ),
    (
        "hkust-msc-information-technology",
        "Master of Science Program in Information Technology",
        120_000,
        "https://www2.ctgoodjobs.hk/Learning/858075899/the-hong-kong-university-of-science-and-technology/"
        "master-of-science-program-in-information-technology-part-time",
        25_000,
        17_000,
    ),
    (
        "cuhk-msc-fintech",
        "Master of Science in Financial Technology",
        340_000,
        "https://fintech.erg.cuhk.edu.hk/programme-information/master-science",
        25_000,
        17_000,
    ),
    (
        "polyu-msc-business-analytics",
        "Master of Science in Business Analytics (23090)",
        220_100,
        "https://www51.polyu.edu.hk/eprospectus/tpg/2021/23090-maf-map",
        25_000,
        17_000,
    ),
    (
        "hkbu-msc-ai-digital-media",
        "Master of Science in AI and Digital Media",
        155_000,
        "https://gs.hkbu.edu.hk/tc/programmes/master-of-science-msc-in-ai-and-digital-media",
        25_000,
        17_000,
    ),
    (
        "eduhk-ai-literacy-phase-3",
        "Artificial Intelligence Literacy Programme (phase 3)",
        0,
        "https://eduhkfutures.eduhk.hk/issue/1/learning/helping-make-hong-kong-ai-literate",
        0,
        0,
    ),
    (
        "erb-cats-fcert-operating-systems",
        "Foundation Certificate in Computer Operating Systems (Part-time)",
        2_250,
        "https://cats.org.hk/component/course/61?view=course",
        # 80% of 2,250, in the first tier both times.
        1_800,
        1_800,
    ),
]
# What single modules cost, where the fund lists modules: HK$ and source as above.
REAL_MODULES = [
    # 80% of 4,200; after 8,000: 2,000 of the first 2,500 and 60% of 1,700.
    ("https://ss.hkuspace.hku.hk/cht/prog/adv-dip-in-accounting-and-big-data", 4_200, 3_360, 3_020),
    # 80% of 4,300; after 8,000: 2,000 and 60% of 1,800.
    (
        "https://www.hkuspace.hku.hk/cht/prog/postgrad-dip-in-applied-financial-engineering",
        4_300,
        3_440,
        3_080,
    ),
    # Three credits at 8,800: 10,000 and 60% of 13,900; after 8,000: 2,000 and 60% of 23,900.
    ("https://www51.polyu.edu.hk/eprospectus/tpg/tuition-fees/d", 26_400, 18_340, 16_340),
]


def claimed(learner, dollars, scheme=None):
    scheme = scheme or continuing_education_fund()
    return services.add_subsidy_claim(learner, scheme, dollars * 100, date(2025, 3, 1))


@pytest.mark.parametrize(
    ("code", "title", "fee", "source_url", "back", "back_after_8000"), REAL_COURSES, ids=lambda x: str(x)[:20]
)
def test_ten_real_courses_priced_by_hand(code, title, fee, source_url, back, back_after_8000):
    course = make_course(code, title_en=title, fee_cents=fee * 100, source_url=source_url)
    make_listing(course)
    new, earlier = make_learner(born_on=date(1990, 1, 1)), make_learner(born_on=date(1990, 1, 1))
    claimed(earlier, 8_000)
    for learner, expected, left in (
        (None, back, 25_000),
        (new, back, 25_000),
        (earlier, back_after_8000, 17_000),
    ):
        cost = net_cost(learner, course, today=TODAY)
        assert (cost.pay_now, cost.back_if_passed) == (fee * 100, expected * 100)
        assert cost.net == (fee - expected) * 100
        assert cost.left_after == ((left - expected) * 100 if fee else None)
        assert cost.why_not is None


@pytest.mark.parametrize(("source_url", "fee", "back", "back_after_8000"), REAL_MODULES)
def test_real_modules_priced_by_hand(source_url, fee, back, back_after_8000):
    course = make_course(fee_cents=fee * 100, source_url=source_url)
    make_listing(course)
    earlier = make_learner()
    claimed(earlier, 8_000)
    assert net_cost(None, course, today=TODAY).back_if_passed == back * 100
    assert net_cost(earlier, course, today=TODAY).back_if_passed == back_after_8000 * 100


def listed_course(fee=16_000, **listing):
    course = make_course(fee_cents=None if fee is None else fee * 100)
    make_listing(course, **listing)
    return course


def starting(course, day, **fields):
    return make_offering(course, starts_on=day, ends_on=date(2099, 12, 31), **fields)


def test_a_free_course_needs_no_scheme():
    cost = net_cost(None, listed_course(0), today=TODAY)
    assert (cost.pay_now, cost.back_if_passed, cost.net, cost.scheme, cost.why_not) == (0, 0, 0, None, None)


def test_an_unknown_fee_is_not_zero():
    cost = net_cost(None, listed_course(None), today=TODAY)
    assert (cost.pay_now, cost.back_if_passed, cost.net, cost.left_after) == (None, None, None, None)
    assert (cost.scheme.slug, cost.why_not, cost.budget) == ("cef", None, None)


def test_an_offerings_own_fee_counts():
    course = listed_course(16_000)
    assert net_cost(None, course, starting(course, date(2027, 1, 1)), today=TODAY).pay_now == 1_600_000
    dearer = starting(course, date(2027, 1, 1), fee_cents=2_000_000)
    assert net_cost(None, course, dearer, today=TODAY).back_if_passed == 1_450_000
    free = starting(course, date(2027, 1, 1), fee_cents=0)
    assert net_cost(None, course, free, today=TODAY).pay_now == 0
    priced = make_course()
    only_here = starting(priced, date(2027, 1, 1), fee_cents=500)
    assert net_cost(None, priced, only_here, today=TODAY).pay_now == 500


@pytest.mark.parametrize(
    ("starts_on", "back", "left"),
    [
        # 80% of 16,000 is 12,800, above the 10,000 of the time.
        (date(2019, 3, 31), 10_000, 0),
        (date(2019, 4, 1), 12_100, 7_900),
        (date(2022, 7, 31), 12_100, 7_900),
        (date(2022, 8, 1), 12_100, 12_900),
    ],
)
def test_the_rule_is_that_of_the_start(starts_on, back, left):
    course = listed_course()
    cost = net_cost(None, course, starting(course, starts_on), today=TODAY)
    assert (cost.back_if_passed, cost.left_after) == (back * 100, left * 100)
    assert cost.rule.holds_on(starts_on)


def test_without_an_offering_the_rule_is_that_of_today():
    assert net_cost(None, listed_course(), today=date(2022, 7, 31)).left_after == 790_000


@pytest.mark.parametrize(
    ("born_on", "starts_on", "why_not"),
    [
        (date(2009, 1, 11), date(2027, 1, 10), WhyNot.TOO_YOUNG),
        (date(2009, 1, 10), date(2027, 1, 10), None),
        (date(2008, 2, 29), date(2026, 2, 28), WhyNot.TOO_YOUNG),
        (date(2008, 2, 29), date(2026, 3, 1), None),
        (None, date(2027, 1, 10), None),
    ],
)
def test_the_age_is_that_at_the_start(born_on, starts_on, why_not):
    course = listed_course()
    cost = net_cost(make_learner(born_on=born_on), course, starting(course, starts_on), today=TODAY)
    assert cost.why_not == why_not
    assert cost.back_if_passed == (0 if why_not else 1_210_000)
    said = "You are at least 18 years old when the course starts."
    assert (said in cost.conditions) == (born_on is None)


@pytest.mark.parametrize(
    ("listing", "starts_on", "why_not"),
    [
        ({"is_listed": False}, date(2027, 1, 1), WhyNot.NOT_LISTED),
        ({"listed_to": date(2026, 12, 31)}, date(2027, 1, 1), WhyNot.LISTING_ENDED),
        ({"listed_to": date(2027, 1, 1)}, date(2027, 1, 1), None),
        ({"listed_from": date(2027, 1, 2)}, date(2027, 1, 1), WhyNot.LISTING_NOT_BEGUN),
        ({"listed_from": date(2027, 1, 1)}, date(2027, 1, 1), None),
    ],
)
def test_the_listing_counts_on_the_day_of_the_start(listing, starts_on, why_not):
    course = listed_course(**listing)
    cost = net_cost(None, course, starting(course, starts_on), today=TODAY)
    assert (cost.why_not, cost.what_if) == (why_not, None)
    assert cost.back_if_passed == (0 if why_not else 1_210_000)
    assert bool(cost.conditions) == (why_not is None)


def test_where_the_listing_is_not_known_only_what_if_is_said():
    cost = net_cost(None, make_course(fee_cents=1_600_000), today=TODAY)
    assert (cost.why_not, cost.back_if_passed, cost.what_if) == (WhyNot.NOT_KNOWN, 0, 1_210_000)
    assert (cost.net, cost.left_after) == (1_600_000, 2_500_000)
    assert cost.conditions


def test_what_if_is_not_said_to_somebody_who_could_not_claim():
    cost = net_cost(make_learner(born_on=date(2015, 1, 1)), make_course(fee_cents=100), today=TODAY)
    assert (cost.why_not, cost.what_if) == (WhyNot.TOO_YOUNG, None)


@pytest.mark.parametrize("dollars", [25_000, 26_000])
def test_nothing_is_left(dollars):
    learner = make_learner()
    claimed(learner, dollars)
    cost = net_cost(learner, listed_course(), today=TODAY)
    assert (cost.why_not, cost.back_if_passed, cost.left_after) == (WhyNot.USED_UP, 0, 0)


def other_scheme(*tiers, slug="other", **rule):
    scheme = SubsidyScheme.objects.create(slug=slug, name_en="Other scheme")
    facts = {"source_url": "https://example.hk/other", "as_of": TODAY, "valid_from": date(2026, 1, 1)}
    rule = SubsidyRule.objects.create(scheme=scheme, **{"ceiling_cents": 500_000} | facts | rule)
    for position, (percent, up_to_cents) in enumerate(tiers):
        SubsidyTier.objects.create(rule=rule, position=position, percent=percent, up_to_cents=up_to_cents)
    return scheme


def test_a_rule_whose_tiers_are_not_known_promises_nothing():
    course = make_course(fee_cents=100_000)
    make_listing(course, is_listed=False)
    make_listing(course, scheme=other_scheme())
    SubsidyScheme.objects.filter(slug="cef").update(slug="z")
    cost = net_cost(None, course, today=TODAY)
    assert (cost.scheme.slug, cost.why_not, cost.back_if_passed) == ("other", WhyNot.NO_RULE, 0)


def test_no_rule_holds_before_the_first():
    course = make_course(fee_cents=100_000)
    make_listing(course, scheme=other_scheme((50, 500_000), slug="a"))
    make_listing(course, is_listed=False)
    cost = net_cost(None, course, starting(course, date(2025, 12, 31)), today=TODAY)
    assert (cost.scheme.slug, cost.why_not, cost.rule, cost.left_after) == ("a", WhyNot.NO_RULE, None, None)


def test_the_scheme_that_pays_most_is_named_and_claims_of_another_do_not_count():
    course, learner = listed_course(5_000), make_learner()
    scheme = other_scheme((90, 500_000))
    make_listing(course, scheme=scheme)
    claimed(learner, 24_000)
    assert net_cost(None, course, today=TODAY).back_if_passed == 450_000
    cost = net_cost(learner, course, today=TODAY)
    assert (cost.scheme, cost.back_if_passed, cost.left_after) == (scheme, 450_000, 50_000)
    claimed(learner, 4_500, scheme)
    cost = net_cost(learner, course, today=TODAY)
    assert (cost.scheme.slug, cost.back_if_passed) == ("cef", 100_000)


def test_a_scheme_may_limit_the_number_of_claims():
    scheme, learner = other_scheme((50, 500_000), slug="a", max_claims=2), make_learner()
    course = make_course(fee_cents=100_000)
    make_listing(course, scheme=scheme)
    make_listing(course, is_listed=False)
    claimed(learner, 10, scheme)
    assert net_cost(learner, course, today=TODAY).back_if_passed == 50_000
    claimed(learner, 10, scheme)
    assert net_cost(learner, course, today=TODAY).why_not == WhyNot.NO_CLAIM_LEFT


@pytest.mark.parametrize(
    ("dollars", "budget"),
    [
        (16_000, Budget.WITHIN),
        (15_999, Budget.WITHIN_AFTERWARDS),
        (3_900, Budget.WITHIN_AFTERWARDS),
        (3_899, Budget.ABOVE),
        (0, Budget.ABOVE),
        (None, None),
    ],
)
def test_the_budget_is_compared_with_what_is_paid_and_with_what_it_costs_in_the_end(dollars, budget):
    learner = make_learner(budget_cents=None if dollars is None else dollars * 100)
    assert net_cost(learner, listed_course(), today=TODAY).budget == budget


def test_every_condition_is_said_to_a_visitor():
    assert net_cost(None, listed_course(), today=TODAY).conditions == (
        "You pay the fee first.",
        "You are at least 18 years old when the course starts.",
        "You meet the residence requirements.",
        "You attend at least 70% of the course, or more where it asks for more.",
        "Your mark is at least 50%, or more where the course asks for more.",
        "You claim within 12 months of completing the course.",
        "You have claimed nothing from it before.",
    )


def test_who_has_claimed_is_not_asked_whether():
    learner = make_learner()
    claimed(learner, 1)
    assert (
        "You have claimed nothing from it before."
        not in net_cost(learner, listed_course(), today=TODAY).conditions
    )


@pytest.mark.parametrize("n", [1, 20])
def test_many_courses_ask_as_much_as_one(n, django_assert_num_queries):
    learner = make_learner()
    claimed(learner, 8_000)
    occasions = [
        (course, starting(course, date(2027, 1, 1))) for course in [listed_course() for _ in range(n)]
    ]
    with django_assert_num_queries(5):
        costs = net_costs(learner, occasions, today=TODAY)
    with django_assert_num_queries(4):
        net_costs(None, occasions, today=TODAY)
    assert [cost.back_if_passed for cost in costs] == [1_010_000] * n


def test_a_claim_is_the_learners_own_and_counts_as_a_change():
    learner, other = make_learner(), make_learner()
    before = learner.changed_at
    claim = claimed(learner, 8_000)
    assert Learner.objects.get(pk=learner.pk).changed_at > before
    services.remove_subsidy_claim(other, claim.pk)
    assert SubsidyClaim.objects.exists()
    services.remove_subsidy_claim(learner, claim.pk)
    assert not SubsidyClaim.objects.exists()


def test_claims_of_a_claimed_history_come_along():
    imported, mine = make_learner(), make_learner(source="", external_id="", user=make_user())
    claimed(imported, 8_000)
    claim(imported, mine)
    assert mine.subsidy_claims.get().amount_cents == 800_000


@pytest.mark.parametrize(
    ("basis", "budget"),
    [("year", "above"), ("module", "above"), ("credit", "above"), ("audit", None), ("unstated", None)],
)
def test_the_fee_of_a_part_is_no_whole_fee_and_nothing_is_worked_out_from_it_but_that_it_is_too_much(
    basis, budget
):
    course = listed_course(4_000)
    course.fee_basis = basis
    cost = net_cost(make_learner(budget_cents=100), course, today=TODAY)
    assert (cost.fee.cents, cost.fee.basis) == (400_000, basis)
    assert (cost.pay_now, cost.back_if_passed, cost.net, cost.what_if) == (None,) * 4
    assert (cost.scheme.slug, cost.why_not, cost.budget) == ("cef", None, budget)
    assert net_cost(make_learner(budget_cents=400_000), course, today=TODAY).budget is None
