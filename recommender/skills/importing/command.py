"""What every import command shares: help from the tables, a progress bar, a summary, plain errors."""

from argparse import RawDescriptionHelpFormatter
from contextlib import contextmanager
from textwrap import fill

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone
from tqdm import tqdm

from recommender.skills.importing.results import ImportRefusedError, Rejects

HELP_WIDTH = 110
SHARED_HELP = """\
Files are CSV in UTF-8 with a header line, plain or gzip. Columns may come in any order; a column that the
file lacks stays as it is, an empty cell empties it. The same file twice changes nothing. All files of one
command go in together or not at all: a killed import leaves everything as it was.

A bad row is shown with file, line, column, value and what would be right, and written to the rejects file;
the good rows go in. On SQLite nobody else can write while an import runs; pages can be read."""


class ImportCommand(BaseCommand):
    """A subclass names its `tables` and has `import_files(options, **how)`, which returns ImportResults.

    `how` are the arguments that every import function takes: strict, dry_run, rejects, progress.
    """

    introduction = ""
    tables = ()

    def create_parser(self, prog_name, subcommand, **kwargs):
        self.help = "\n\n".join(
            [fill(self.introduction, HELP_WIDTH), *map(describe, self.tables), SHARED_HELP]
        )
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser):
        parser.add_argument("--strict", action="store_true", help="import nothing when one row is bad")
        parser.add_argument("--dry-run", action="store_true", help="check and count, but change nothing")
        parser.add_argument(
            "--rejects",
            metavar="FILE",
            help="where bad rows are written (default: a new file in var/rejects)",
        )

    def handle(self, **options):
        rejects = Rejects(options["rejects"] or self.default_rejects())
        how = {"strict": options["strict"], "dry_run": options["dry_run"], "rejects": rejects}
        try:
            with progress_bar() as progress:
                results = self.import_files(options, **how, progress=progress)
        except (ImportRefusedError, DatabaseError, OSError) as error:
            self.show_problems(rejects)
            raise CommandError(f"Nothing was imported. {error}") from error
        self.show_problems(rejects)
        for result in results:
            self.stdout.write(str(result))
            for note in result.notes:
                self.stdout.write(f"{result.file}: {note}")
        if options["dry_run"]:
            self.stdout.write("Nothing was changed: this was a dry run.")

    def default_rejects(self):
        command = type(self).__module__.rpartition(".")[2]
        return settings.VAR / "rejects" / f"{command}-{timezone.localtime():%Y%m%d-%H%M%S}.csv"

    def show_problems(self, rejects):
        for problem in rejects.problems:
            self.stderr.write(str(problem))
        if rejects.count > len(rejects.problems):
            self.stderr.write(f"... and {rejects.count - len(rejects.problems)} more.")
        if rejects.count:
            self.stderr.write(f"Rejected rows are in {rejects.path}")


class FilesCommand(ImportCommand):
    """An import of one or several files, each with an option named after its table."""

    def add_arguments(self, parser):
        for table in self.tables:
            option = "--" + table.name.replace(" ", "-")
            parser.add_argument(option, metavar="FILE", help=f"the {table.name}, as described above")
        super().add_arguments(parser)

    def given_files(self, options):
        files = {table.name.replace(" ", "_"): options[table.name.replace(" ", "_")] for table in self.tables}
        if not any(files.values()):
            raise CommandError("Name at least one file: --help lists the options.")
        return files


def describe(table):
    """The paragraph of --help on one kind of file."""
    width = max(len(column.name) for column in table.columns) + 4
    lines = [fill(table.meaning, HELP_WIDTH), ""]
    for column in table.columns:
        meaning = column.meaning + (" (required)" if column.required else "")
        start = f"  {column.name}".ljust(width)
        lines.append(fill(meaning, HELP_WIDTH, initial_indent=start, subsequent_indent=" " * width))
    lines += ["", "  For example:", f"    {','.join(column.name for column in table.columns)}"]
    lines.append(f"    {','.join(column.example for column in table.columns)}")
    return "\n".join(lines)


@contextmanager
def progress_bar():
    """A progress(stage, done, total) that draws one bar a stage on the terminal, and none elsewhere."""
    bars = {}

    def progress(stage, done, total):
        if stage not in bars:
            close()
            bars[stage] = tqdm(desc=stage, total=total, unit="", unit_scale=True, disable=None)
        bars[stage].update(done - bars[stage].n)

    def close():
        for bar in bars.values():
            bar.close()

    try:
        yield progress
    finally:
        close()
