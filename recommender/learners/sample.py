"""The sample that quickstart loads: real facts from `sample/`, then synthetic dates, demand and people."""

from pathlib import Path

from django.db import transaction
from django.utils import timezone

from recommender.catalogue.importers import import_catalogue
from recommender.learners.demo_accounts import make_demo_accounts
from recommender.learners.models import Learner
from recommender.learners.synthetic_demand import make_demand
from recommender.learners.synthetic_learners import SOURCE, make_learners
from recommender.learners.synthetic_offerings import add_offerings
from recommender.skills.importers import import_skills
from recommender.workforce.importers import import_workforce

FOLDER = Path(__file__).parent / "sample"


@transaction.atomic
def load_sample(progress=None, *, today=None):
    """Loads the sample; later runs only add the offerings of new months and keep what people changed.

    Returns {e-mail address: password} of the demo accounts that it made.
    """
    today = today or timezone.localdate()
    is_first = not Learner.objects.filter(source=SOURCE).exists()
    if is_first:
        import_files(progress)
    add_offerings(FOLDER / "courses.csv", today)
    passwords = make_demo_accounts()
    if is_first:
        make_demand()
        make_learners(FOLDER / "courses.csv", today)
    return passwords


def import_files(progress=None):
    """Brings in the sample's CSV files through the importers that everybody's files go through."""
    import_skills(FOLDER / "skills.csv", strict=True, progress=progress)
    import_workforce(
        sectors=FOLDER / "sectors.csv",
        roles=FOLDER / "roles.csv",
        role_skills=FOLDER / "role_skills.csv",
        demand=FOLDER / "demand.csv",
        strict=True,
        progress=progress,
    )
    import_catalogue(
        providers=FOLDER / "providers.csv",
        courses=FOLDER / "courses.csv",
        course_skills=FOLDER / "course_skills.csv",
        subsidy_listings=FOLDER / "subsidy_listings.csv",
        allow_large_change=True,
        strict=True,
        progress=progress,
    )
