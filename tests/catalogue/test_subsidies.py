"""What a scheme pays back: figures worked by hand, what holds for every fee, and rules that change."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from recommender.catalogue.models import SubsidyListing, SubsidyRule, SubsidyScheme
from recommender.catalogue.subsidies import Tier, rule_on, subsidy_cents
from tests.factories import continuing_education_fund, make_course

FUND = (Tier(80, 1_000_000), Tier(60, 1_500_000))
CEILING = 2_500_000

dollars = st.integers(0, 200_000).map(lambda amount: amount * 100)
cents = st.integers(0, 20_000_000)
used_cents = st.integers(0, CEILING + 100_000)
tiers = st.lists(st.builds(Tier, st.integers(1, 100), st.integers(1, 2_000_000)), max_size=4)


@pytest.mark.parametrize(
    ("fee", "subsidy"),
    [(16_000, 12_100), (5_000, 4_000), (12_500, 10_000), (37_500, 25_000), (120_000, 25_000), (0, 0)],
)
def test_published_figures_in_dollars(fee, subsidy):
    assert subsidy_cents(fee * 100, FUND) == subsidy * 100


@pytest.mark.parametrize(
    ("fee", "used", "subsidy"),
    [
        # 2,000 are left at 80%, of the first 2,500; 60% of the other 2,500.
        (5_000, 8_000, 3_500),
        # The first tier is gone: 60% throughout.
        (5_000, 10_000, 3_000),
        (5_000, 12_000, 3_000),
        # 1,000 are left.
        (5_000, 24_000, 1_000),
        (5_000, 25_000, 0),
        # Paid more under another rule than this one allows.
        (5_000, 30_000, 0),
    ],
)
def test_earlier_claims_use_up_the_first_tier_first(fee, used, subsidy):
    assert subsidy_cents(fee * 100, FUND, used * 100) == subsidy * 100


@pytest.mark.parametrize(("fee", "subsidy"), [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4), (999, 799)])
def test_part_of_a_cent_is_not_promised(fee, subsidy):
    assert subsidy_cents(fee, FUND) == subsidy


def test_a_rule_without_tiers_pays_nothing():
    assert subsidy_cents(500_000, ()) == 0


@pytest.mark.parametrize(("fee", "used"), [(-1, 0), (0, -1)])
def test_nothing_is_negative(fee, used):
    with pytest.raises(ValueError, match="negative"):
        subsidy_cents(fee, FUND, used)


@given(cents, tiers, used_cents)
def test_between_nothing_and_what_is_left_and_never_above_the_fee(fee, tiers, used):
    left = max(0, sum(tier.up_to_cents for tier in tiers) - used)
    assert 0 <= subsidy_cents(fee, tiers, used) <= min(left, fee)


@given(cents, cents, tiers, used_cents)
def test_a_higher_fee_never_brings_less(fee, more, tiers, used):
    assert subsidy_cents(fee, tiers, used) <= subsidy_cents(fee + more, tiers, used)


@given(cents, used_cents, cents)
def test_earlier_claims_never_bring_more(fee, used, more):
    assert subsidy_cents(fee, FUND, used + more) <= subsidy_cents(fee, FUND, used)


@given(dollars, dollars)
def test_two_claims_bring_what_one_for_both_would(first, second):
    paid = subsidy_cents(first, FUND)
    assert paid + subsidy_cents(second, FUND, paid) == subsidy_cents(first + second, FUND)


@given(cents, cents)
def test_two_claims_with_odd_cents_bring_a_cent_less_at_most(first, second):
    paid = subsidy_cents(first, FUND)
    both = subsidy_cents(first + second, FUND)
    assert paid + subsidy_cents(second, FUND, paid) in (both, both - 1)


@given(dollars, used_cents)
def test_the_formula_of_the_fund(fee, used):
    """A = min(0.8 fee, 10,000 - used1); B = min(0.6 max(fee - A / 0.8, 0), 15,000 - used2)."""
    used1 = min(used, 1_000_000)
    used2 = min(used - used1, 1_500_000)
    a_fifths = min(4 * fee, 5 * (1_000_000 - used1))
    # A / 0.8 is a quarter of A in fifths, so that B is whole in twentieths.
    b_twentieths = min(max(12 * fee - 3 * a_fifths, 0), 20 * (1_500_000 - used2))
    assert subsidy_cents(fee, FUND, used) == (4 * a_fifths + b_twentieths) // 20


@pytest.mark.django_db
class TestRules:
    @pytest.mark.parametrize(
        ("day", "ceiling", "tiers"),
        [
            (date(2019, 3, 31), 1_000_000, [(80, 1_000_000)]),
            (date(2019, 4, 1), 2_000_000, [(80, 1_000_000), (60, 1_000_000)]),
            (date(2022, 7, 31), 2_000_000, [(80, 1_000_000), (60, 1_000_000)]),
            (date(2022, 8, 1), 2_500_000, [(80, 1_000_000), (60, 1_500_000)]),
            (date(2099, 1, 1), 2_500_000, [(80, 1_000_000), (60, 1_500_000)]),
        ],
    )
    def test_the_fund_as_its_rules_changed(self, day, ceiling, tiers):
        rule = rule_on(continuing_education_fund(), day)
        assert rule.ceiling_cents == ceiling
        assert list(rule.tiers.values_list("percent", "up_to_cents")) == tiers
        assert sum(up_to for _percent, up_to in tiers) == ceiling

    def test_every_rule_names_its_source_and_day(self):
        assert all(rule.source_url.startswith("http") and rule.as_of for rule in SubsidyRule.objects.all())

    def test_on_a_day_between_rules_none_holds(self):
        scheme = SubsidyScheme.objects.create(slug="new", name_en="New")
        add_rule(scheme, date(2026, 1, 1), date(2026, 6, 30))
        add_rule(scheme, date(2026, 9, 1), None)
        assert rule_on(scheme, date(2026, 8, 31)) is None
        assert rule_on(scheme, date(2025, 12, 31)) is None
        assert rule_on(scheme, date(2026, 9, 1)).valid_to is None

    @pytest.mark.parametrize(
        ("first", "last", "overlaps"),
        [
            (date(2022, 7, 31), date(2022, 7, 31), True),
            (None, date(2026, 1, 1), True),
            (date(2026, 12, 31), None, True),
            (None, None, True),
            (None, date(2025, 12, 31), False),
            (date(2027, 1, 1), None, False),
        ],
    )
    def test_rules_of_a_scheme_do_not_overlap(self, first, last, overlaps):
        scheme = SubsidyScheme.objects.create(slug="new", name_en="New")
        add_rule(scheme, date(2026, 1, 1), date(2026, 12, 31))
        if overlaps:
            add_rule(scheme, date(2022, 1, 1), date(2022, 12, 31))
        rule = make_rule(scheme, first, last)
        if overlaps:
            with pytest.raises(ValidationError, match="overlap"):
                rule.full_clean()
        else:
            rule.full_clean()

    def test_a_rule_may_be_saved_again(self):
        for rule in continuing_education_fund().rules.all():
            rule.full_clean()

    @pytest.mark.parametrize(
        "facts",
        [
            {"is_listed": False, "listed_to": date(2026, 1, 1)},
            {"is_listed": True, "listed_from": date(2026, 1, 2), "listed_to": date(2026, 1, 1)},
        ],
    )
    def test_dates_of_a_listing_make_sense(self, facts):
        listing = SubsidyListing(course=make_course(), scheme=continuing_education_fund(), **facts)
        with pytest.raises(ValidationError):
            listing.full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            listing.save()

    def test_the_facts_are_loaded_once(self):
        continuing_education_fund()
        continuing_education_fund()
        assert SubsidyRule.objects.filter(scheme__slug="cef").count() == 3


def make_rule(scheme, first, last):
    facts = {"ceiling_cents": 100, "source_url": "https://example.hk", "as_of": date(2026, 1, 1)}
    return SubsidyRule(scheme=scheme, valid_from=first, valid_to=last, **facts)


def add_rule(scheme, first, last):
    rule = make_rule(scheme, first, last)
    rule.save()
    return rule
