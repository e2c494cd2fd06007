"""`manage.py count_supply`."""

from django.core.management.base import BaseCommand
from django.db.models import Max

from recommender.learners.supply import count_supply
from recommender.skills.importing.command import progress_bar
from recommender.workforce.models import RoleSupply


class Command(BaseCommand):
    help = (
        "Counts how many learners meet the needs of each role, and how many more would with the courses that "
        "they are enrolled in. Shortages are worked out from it. Each recommendation run counts anew by "
        "itself; use this after loading roles, or people, that should show at once."
    )

    def handle(self, **options):
        with progress_bar() as progress:
            count_supply(progress)
        last = RoleSupply.objects.aggregate(last=Max("counted_at"))["last"]
        for supply in RoleSupply.objects.filter(sector=None, counted_at=last).select_related("role"):
            synthetic = supply.n_synthetic_meeting + supply.n_synthetic_expected
            self.stdout.write(
                f"{supply.role.name_en}: {supply.n_meeting:,} meet the needs, {supply.n_expected:,} more are"
                f" expected to ({synthetic:,} of all these are synthetic)."
            )
