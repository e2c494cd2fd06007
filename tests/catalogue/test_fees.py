"""What a fee is for: only what is known for the whole course counts as the whole fee."""

from datetime import date

import pytest

from recommender.catalogue.fees import Fee, FeeBasis, fee_of
from recommender.catalogue.models import Course, Offering
from tests.factories import make_course, make_offering

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("basis", "of_nothing", "of_something"),
    [
        ("whole", 0, 500),
        ("year", 0, None),
        ("module", 0, None),
        ("credit", 0, None),
        ("unstated", 0, None),
        # A certificate may cost something.
        ("audit", None, None),
    ],
)
def test_only_the_fee_of_the_whole_course_is_the_whole_fee(basis, of_nothing, of_something):
    assert Fee(0, basis).whole_cents == of_nothing
    assert Fee(500, basis).whole_cents == of_something
    assert Fee(None, basis).whole_cents is None
    # A year, a module and a credit are paid at least; who takes a certificate need not pay for auditing.
    part = 500 if basis in ("year", "module", "credit") else 0
    assert [Fee(cents, basis).part_cents for cents in (None, 0, 500)] == [0, 0, part]


@pytest.mark.django_db
def test_a_query_and_a_row_agree_on_every_basis_and_the_next_open_offering():
    fees = (None, 0, 700)
    for basis in FeeBasis.values:
        for of_course in fees:
            for of_offering in fees:
                course = make_course(fee_cents=of_course, fee_basis=basis)
                make_offering(course, starts_on=date(2026, 1, 1), fee_cents=1)
                make_offering(course, starts_on=date(2026, 12, 1), seats=0, fee_cents=2)
                make_offering(course, starts_on=date(2027, 2, 1), fee_cents=3)
                make_offering(course, starts_on=date(2027, 1, 1), fee_cents=of_offering)
            make_course(fee_cents=of_course, fee_basis=basis)
    priced = Course.objects.priced(on=TODAY)
    assert len(priced) == len(FeeBasis) * 12
    for course in priced:
        following = Offering.objects.open(on=TODAY).filter(course=course).first()
        fee = fee_of(course, following)
        assert (course.fee_now, course.whole_fee) == (fee.cents, fee.whole_cents)
