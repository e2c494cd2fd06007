"""Made-up openings and graduates for some of the sample's roles, since no public source counts them by role.

The other roles stay without, so that a shortage which is unknown shows too. A fixed seed makes the same
figures every time. They carry no date: whatever an officer loads from a dated source is newer and counts, and
of these the period that today lies in.
"""

from random import Random

from recommender.learners.synthetic_learners import DEMO_ROLE, SEED
from recommender.workforce.models import Demand, Graduates, Role, Sector

SHARE_OF_ROLES = 5 / 8
PERIOD = "2027"
# Between which shares of its openings those of other periods lie.
OTHER_PERIODS = {"2026": (0.5, 1.1), "2028": (0.9, 1.7)}
SOURCE = "synthetic: made up with a fixed seed, counted by nobody"
SECTORS = ("finance", "healthcare", "smart-city")


def make_demand():
    """Makes openings for the demo learner's role and others, and graduates for two in three of those."""
    random, of_others = Random(SEED), Random(SEED)
    sectors = list(Sector.objects.filter(slug__in=SECTORS).order_by("slug"))
    for role in chosen_roles(random):
        # Of some roles the openings are known by sector, of others in one figure.
        places = list(role.sectors.order_by("slug")) or random.choice([sectors, [None]])
        openings = [random.randrange(5, 60) for _ in places]
        shares = {period: of_others.uniform(*bounds) for period, bounds in OTHER_PERIODS.items()}
        shares[PERIOD] = 1
        Demand.objects.bulk_create(
            opening_figure(role, sector, round(count * share), period)
            for period, share in shares.items()
            for sector, count in zip(places, openings, strict=True)
        )
        if random.random() < 2 / 3:
            count = round(sum(openings) * random.uniform(0.1, 1.1))
            Graduates.objects.bulk_create(graduates_figure(role, count, period) for period in shares)


def chosen_roles(random):
    roles = list(Role.objects.order_by("slug"))
    random.shuffle(roles)
    roles.sort(key=lambda role: role.slug != DEMO_ROLE)
    return roles[: int(len(roles) * SHARE_OF_ROLES)]


def opening_figure(role, sector, count, period):
    return Demand(
        role=role,
        sector=sector,
        measure=Demand.Measure.OPENINGS,
        description="synthetic openings",
        value=count,
        unit="openings",
        period=period,
        source_url=SOURCE,
        is_synthetic=True,
    )


def graduates_figure(role, count, period):
    return Graduates(role=role, count=count, period=period, source_url=SOURCE, is_synthetic=True)
