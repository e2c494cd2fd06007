"""`manage.py recommend`."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from recommender.recommendations import runs, tasks
from recommender.recommendations.models import Run
from recommender.recommendations.reporting import StageBars, describe_run

HELP = """Make new recommendations for every learner.

Reads the enrolments, fits the model to the past, judges it on each learner's last enrolment, fits it
again to everything, writes a list for every learner beside the lists that they see now, and switches to
the new lists at once. If the figures fall out of bounds the run is held: nothing changes for learners
until an officer publishes it in the admin. One run at a time: a second one is skipped."""


class Command(BaseCommand):
    help = HELP

    def add_arguments(self, parser):
        parser.add_argument(
            "--queue",
            action="store_true",
            help="hand the run to a Celery worker and return at once (needs REDIS_URL)",
        )

    def handle(self, *, queue, **options):
        if queue:
            self.queue()
        else:
            self.run_here()

    def queue(self):
        if not settings.REDIS_URL:
            raise CommandError("--queue needs a broker: set REDIS_URL. Without --queue the run happens here.")
        run = tasks.start_run()
        run.refresh_from_db()
        if run.status == Run.Status.FAILED:
            raise CommandError(f"Run {run.pk} could not be queued. {run.error}")
        self.stdout.write(f"Run {run.pk} is queued; the admin shows its progress.")

    def run_here(self):
        tasks.fail_stalled()
        run = Run.objects.create()
        bars = StageBars()
        try:
            runs.carry_out(run.pk, report=bars.report)
        finally:
            bars.close()
        run.refresh_from_db()
        for line in describe_run(run):
            self.stdout.write(line)
        if run.status not in (Run.Status.PUBLISHED, Run.Status.HELD):
            raise CommandError(f"Run {run.pk} was not carried out: {run.get_status_display().lower()}.")
