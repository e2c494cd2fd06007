"""What an import did, which rows it turned away, and the one transaction around it."""

import csv
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

PROBLEMS_KEPT = 20
SHOWN_OF_A_VALUE = 80


class ImportRefusedError(ValueError):
    """Nothing was imported; the message says why in words for whoever sent the file."""


@dataclass(frozen=True)
class Problem:
    file: str
    line: int
    column: str
    value: str
    reason: str

    def __str__(self):
        place = _("%(file)s, line %(line)d") % {"file": self.file, "line": self.line}
        if not self.column:
            return f"{place}: {self.reason}"
        return f"{place}, {self.column} {self.value!r}: {self.reason}"


@dataclass
class ImportResult:
    """What became of the rows of one file."""

    file: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    notes: list[str] = field(default_factory=list)

    def __str__(self):
        counts = _("%(added)d added, %(changed)d changed, %(unchanged)d unchanged, %(rejected)d rejected") % {
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
        }
        return f"{self.file}: {counts}"


class Rejects:
    """Bad rows: counted, the first few kept for the screen, all written to a CSV file if a path is given.

    The file is made when the first bad row comes, and closed with the import.
    """

    HEADER = ("file", "line", "column", "value", "reason", "row")

    def __init__(self, path=None):
        self.path = path and Path(path)
        self.count = 0
        self.problems = []
        self._files = ExitStack()
        self._writer = None

    def add(self, problem, row):
        self.count += 1
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(problem)
        if self.path:
            if self._writer is None:
                self._open()
            self._writer.writerow((*astuple(problem), row))

    def _open(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # The byte order mark tells spreadsheets that this is UTF-8; surrogates are bytes that were not.
        file = self._files.enter_context(
            self.path.open("w", encoding="utf-8-sig", errors="surrogateescape", newline="")
        )
        self._writer = csv.writer(file)
        self._writer.writerow(self.HEADER)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._files.close()


@contextmanager
def importing(rejects, *, strict=False, dry_run=False):
    """One transaction for all files of an import: all of it, or nothing.

    Parameters
    ----------
    rejects : Rejects
    strict : refuse everything if one row is bad
    dry_run : do it all, then undo it
    """
    with rejects, transaction.atomic():
        yield
        if strict and rejects.count:
            raise ImportRefusedError(
                ngettext(
                    "%(count)d row is wrong. %(first)s",
                    "%(count)d rows are wrong. The first: %(first)s",
                    rejects.count,
                )
                % {"count": rejects.count, "first": rejects.problems[0]}
            )
        if dry_run:
            transaction.set_rollback(True)
