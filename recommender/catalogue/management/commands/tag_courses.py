from argparse import RawDescriptionHelpFormatter

from django.core.management.base import BaseCommand, CommandError

from recommender.catalogue.models import COUNTED_CONFIDENCE, Course
from recommender.catalogue.tagging import LEAST_CONFIDENCE, propose_skills
from recommender.skills.importing.command import progress_bar

HELP = f"""\
Propose the skills of courses from their titles and descriptions, in English and Chinese.

A skill is proposed where the text names it or one of its other names, or is worded like it, or like courses
with that skill. What people have confirmed is learned from, once 100 courses have confirmed skills. Each
proposal has a confidence; those of {LEAST_CONFIDENCE} and more are kept, and all that the text names.
Those of {COUNTED_CONFIDENCE} and more count until somebody decides: people see them, marked as not
confirmed, and the recommendations use them.

An officer confirms or vetoes proposals in the admin (Catalogue, Skills of courses). What is confirmed or
vetoed is never touched again; earlier proposals are replaced. The same texts twice change nothing.

The level is not read from the text but assumed from the course's HKQF level: 3 for levels 4 and 5, 4 for
level 6, 5 for level 7, and 2 for the rest; `basis` says so."""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name, subcommand, **kwargs):
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="count, but change nothing")
        parser.add_argument("--course", metavar="CODE", help="propose for this course only")

    def handle(self, *, course, dry_run, **options):
        only = self.course_of(course) if course else None
        with progress_bar() as progress:
            result = propose_skills(only=only, dry_run=dry_run, progress=progress)
        self.stdout.write(str(result))
        if dry_run:
            self.stdout.write("Nothing was changed: this was a dry run.")

    def course_of(self, code):
        found = set(Course.objects.filter(code=code).values_list("pk", flat=True))
        if not found:
            raise CommandError(f"There is no course with the code {code!r}. The admin lists the codes.")
        return found
