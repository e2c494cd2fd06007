from argparse import ArgumentTypeError

from recommender.catalogue.importers import MAX_CHANGE, import_catalogue
from recommender.catalogue.tables import (
    COURSE_SKILLS,
    COURSES,
    OFFERINGS,
    PREREQUISITES,
    PROVIDERS,
    SUBSIDY_LISTINGS,
)
from recommender.skills.importing import cells
from recommender.skills.importing.command import FilesCommand


def share(text):
    try:
        return cells.share(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


class Command(FilesCommand):
    introduction = (
        "Imports providers, courses, the skills they raise, prerequisites, offerings and listings for "
        "subsidies: any of the six files, in this order. An import that would change or close too large a "
        "share of the courses there are is refused, because it is more often a broken file than a new "
        "catalogue."
    )
    tables = (PROVIDERS, COURSES, COURSE_SKILLS, PREREQUISITES, OFFERINGS, SUBSIDY_LISTINGS)

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--drop-missing",
            action="store_true",
            help="close (never delete) courses that the courses file no longer names, of the providers in it",
        )
        parser.add_argument(
            "--max-change",
            metavar="SHARE",
            type=share,
            default=MAX_CHANGE,
            help="refuse to change or close more than this share of the courses (default: %(default)s)",
        )
        parser.add_argument("--allow-large-change", action="store_true", help="let a larger share through")

    def import_files(self, options, **how):
        return import_catalogue(
            **self.given_files(options),
            drop_missing=options["drop_missing"],
            max_change=options["max_change"],
            allow_large_change=options["allow_large_change"],
            **how,
        )
