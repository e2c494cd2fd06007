"""The good rows of a CSV file, one at a time; each bad one goes to the rejects with place and reason."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from recommender.skills.importing.lines import MAX_LINE_BYTES, LongLine, MalformedRowError, open_lines
from recommender.skills.importing.results import SHOWN_OF_A_VALUE, ImportRefusedError, ImportResult, Problem

ROWS_A_PROGRESS = 2_000


@dataclass(frozen=True)
class Column:
    """One column: what it means, and how a cell becomes the value of a model's field.

    `read` raises ValueError with what would be right. `lookup` names a mapping from cells to ids that comes
    with the import. `several` splits the cell at semicolons. A required column must be there and filled.
    `to` is the model's field, where that is not named like the column.
    """

    name: str
    meaning: str
    example: str = ""
    read: Callable[[str], Any] = str
    required: bool = False
    empty: Any = None
    lookup: str = ""
    several: bool = False
    to: str = ""

    @property
    def field(self):
        return self.to or self.name


@dataclass(frozen=True)
class Table:
    """The columns of one kind of file.

    Rows with the same values of the fields in `key` are the same thing; without a key, rows are not compared.
    Columns of a group in `together` come all or not at all. `check` looks at a whole row's values and
    returns (column, reason) or None.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    check: Callable[[dict], tuple[str, str] | None] = lambda values: None


class Row:
    """A row as it came, and the values of those columns that the file has and the table knows."""

    __slots__ = ("cells", "line", "text", "values")

    def __init__(self, line, cells, text):
        self.line, self.cells, self.text = line, cells, text


class BadRowError(ValueError):
    """Says what would be right, and in which column; "" when it is no single one."""

    def __init__(self, column, reason):
        super().__init__(reason)
        self.column = column


class CsvRows:
    """Iterates over the good rows of a file once.

    Parameters
    ----------
    file : path or seekable binary stream
    table : Table
    rejects : Rejects
    lookups : {name: {cell: id}} for the columns that refer to something
    refuse : given a row's values, returns (column, reason) when the row must not go in, or None
    progress : called as progress(stage, done, total) with bytes

    `first_lines` tells the line of each key that was seen.

    Raises ImportRefusedError when the file cannot be read at all.
    """

    def __init__(self, file, table, rejects, *, lookups=None, refuse=None, progress=None):
        self.file = file
        self.table = table
        self.rejects = rejects
        self.lookups = lookups or {}
        self.refuse = refuse
        self.progress = progress
        self.result = ImportResult(table.name)
        self.header = []
        self.first_lines = {}
        self._columns = {column.field: column for column in table.columns}

    def __iter__(self):
        with open_lines(self.file) as lines:
            self.result.file = lines.name
            records = self._records(lines)
            self._take_header(next(records, None))
            for n_rows, row in enumerate(records):
                if self.progress and n_rows % ROWS_A_PROGRESS == 0:
                    self.progress(lines.name, lines.position, lines.size)
                try:
                    row.values = self._values(row)
                    self._refuse_repeated(row)
                    if self.refuse and (fault := self.refuse(row.values)):
                        raise BadRowError(*fault)
                except BadRowError as bad:
                    self.reject(row, bad.column, str(bad))
                else:
                    yield row
            if self.progress:
                self.progress(lines.name, lines.size, lines.size)

    def reject(self, row, column, reason):
        """Turns a row away; `column` is "" when the fault lies in no single one."""
        cell = row.cells[self.header.index(column)] if column in self.header else ""
        value = cell.strip().encode(errors="surrogateescape").decode(errors="backslashreplace")
        self.result.rejected += 1
        self.rejects.add(
            Problem(self.result.file, row.line, column, value[:SHOWN_OF_A_VALUE], reason),
            row.text.rstrip("\r\n"),
        )

    def _records(self, lines):
        """Each record that is well-formed and not blank, its values not read yet."""
        reader = csv.reader(lines, strict=True)
        while True:
            lines.begin_row()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, MalformedRowError) as error:
                # Where the fault lies is not known, so only the first line is given up.
                lines.hand_back_all_but_first()
                reader = csv.reader(lines, strict=True)
                text = lines.taken[0]
                if not self.header:
                    raise ImportRefusedError(
                        _("%(file)s, line %(line)d: %(fault)s")
                        % {"file": lines.name, "line": lines.number, "fault": _malformed(text, error)}
                    ) from error
                self.reject(Row(lines.number, [], text), "", _malformed(text, error))
                continue
            if any(map(str.strip, cells)):
                yield Row(lines.number - len(lines.taken) + 1, cells, "".join(lines.taken))

    def _take_header(self, record):
        if record is None:
            raise ImportRefusedError(
                _("%s is empty; its first line must name the columns.") % self.result.file
            )
        if fault := _unreadable(record.text):
            raise ImportRefusedError(
                _("%(file)s, line %(line)d: %(fault)s")
                % {"file": self.result.file, "line": record.line, "fault": fault}
            )
        self.header = [cell.strip() for cell in record.cells]
        known = {column.name: column for column in self.table.columns}
        self._check_header(known)
        ignored = [name for name in self.header if name not in known]
        if ignored:
            self.result.notes.append(_("these columns are not used: %s") % ", ".join(ignored))
        self._plan = [
            (index, known[name], known[name].field, self._reader(known[name]))
            for index, name in enumerate(self.header)
            if name in known
        ]

    def _check_header(self, known):
        faults = []
        missing = [name for name, column in known.items() if column.required and name not in self.header]
        if missing:
            faults.append(_("missing: %s") % ", ".join(missing))
        repeated = sorted({name for name in self.header if name in known and self.header.count(name) > 1})
        if repeated:
            faults.append(_("named more than once: %s") % ", ".join(repeated))
        for group in self.table.together:
            if 0 < len(set(group) & set(self.header)) < len(group):
                faults.append(_("these come together or not at all: %s") % ", ".join(group))
        if faults:
            raise ImportRefusedError(
                _("%(file)s, line 1: the columns are wrong (%(faults)s). Found: %(found)s. Known: %(known)s.")
                % {
                    "file": self.result.file,
                    "faults": "; ".join(faults),
                    "found": ", ".join(self.header)[:500],
                    "known": ", ".join(known),
                }
            )

    def _reader(self, column):
        read = partial(_look_up, self.lookups[column.lookup], column.lookup) if column.lookup else column.read
        return partial(_read_several, read) if column.several else read

    def _values(self, row):
        self._check_whole(row)
        values = {field: self._columns[field].empty for field in self.table.key}
        for index, column, field, read in self._plan:
            cell = row.cells[index].strip()
            if cell:
                try:
                    values[field] = read(cell)
                except ValueError as error:
                    raise BadRowError(column.name, str(error)) from None
            elif column.required:
                raise BadRowError(column.name, _("must be filled"))
            else:
                values[field] = [] if column.several else column.empty
        if fault := self.table.check(values):
            raise BadRowError(*fault)
        return values

    def _check_whole(self, row):
        if len(row.cells) != len(self.header):
            raise BadRowError(
                "",
                _("has %(found)d fields where the header names %(expected)d")
                % {"found": len(row.cells), "expected": len(self.header)},
            )
        if fault := _unreadable(row.text):
            index = next(index for index, cell in enumerate(row.cells) if _unreadable(cell))
            raise BadRowError(self.header[index], fault)

    def _refuse_repeated(self, row):
        if self.table.key:
            key = tuple(row.values[field] for field in self.table.key)
            first = self.first_lines.setdefault(key, row.line)
            if first != row.line:
                raise BadRowError(
                    self._columns[self.table.key[0]].name, _("stands on line %d already") % first
                )


def _look_up(ids, kind, cell):
    try:
        return ids[cell]
    except KeyError:
        raise ValueError(_("is not a known %s") % kind) from None


def _read_several(read, cell):
    return [read(part.strip()) for part in cell.split(";") if part.strip()]


def _unreadable(text):
    """Why a text cannot be stored, or None."""
    if "\0" in text:
        return _("holds a NUL byte; the file may not be a CSV file, or is UTF-16: save it as CSV UTF-8")
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return _(
            "is not UTF-8. Files made in Hong Kong are often Big5 or GB18030: save the file as CSV UTF-8"
        )
    return None


def _malformed(text, error):
    if isinstance(text, LongLine):
        return _("is longer than %d bytes; a quote may be missing") % MAX_LINE_BYTES
    if isinstance(error, MalformedRowError) or "unexpected end" in str(error):
        return _("opens a double quote that is not closed")
    return _("is not well-formed CSV (%s); double each quote inside a quoted text") % error
