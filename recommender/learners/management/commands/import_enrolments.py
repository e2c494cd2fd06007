from argparse import ArgumentTypeError
from datetime import date

from recommender.learners.importers import ENROLMENTS, import_enrolments
from recommender.skills.importing.command import ImportCommand


def day(text):
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a date such as 2026-09-01") from error


class Command(ImportCommand):
    introduction = (
        "Imports what a partner's learners enrolled in. Say who sent the file, and whether these people "
        "consented to profiling: without consent their lists are not personalised. Nobody who has decided "
        "about consent, and nobody with an account, is ever overruled. The same file again changes nothing; "
        "a changed status or time is taken over."
    )
    tables = (ENROLMENTS,)

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="the enrolments")
        parser.add_argument(
            "--source", metavar="NAME", required=True, help="who sent the file, such as hku-space"
        )
        consent = parser.add_mutually_exclusive_group(required=True)
        consent.add_argument(
            "--consented-on", metavar="DATE", type=day, help="the partner has their consent since that day"
        )
        consent.add_argument("--no-consent", action="store_true", help="the partner does not have it")
        super().add_arguments(parser)

    def import_files(self, options, **how):
        result = import_enrolments(
            options["file"], source=options["source"], consented_on=options["consented_on"], **how
        )
        return [result]
