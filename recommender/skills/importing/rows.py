"""The good rows of a CSV file, one at a time; each bad one goes to the rejects with place and reason."""

import csv
from functools import partial

from django.utils.translation import gettext as _

from recommender.skills.importing.faults import malformed, unreadable
from recommender.skills.importing.lines import MalformedRowError, open_lines
from recommender.skills.importing.results import SHOWN_OF_A_VALUE, ImportRefusedError, ImportResult, Problem

ROWS_A_PROGRESS = 2_000
SHOWN_OF_A_HEADER = 500


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
        cell = row.cells[self.header.index(column)] if column and column in self.header else ""
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
                fault = malformed(lines.taken[0], len(lines.taken), error)
                # Where the fault lies is not known, so only the first line is given up.
                lines.hand_back_all_but_first()
                reader = csv.reader(lines, strict=True)
                if not self.header:
                    self._refuse_header(lines.number, fault)
                self.reject(Row(lines.number, [], lines.taken[0]), "", fault)
                continue
            if any(map(str.strip, cells)):
                yield Row(lines.number - len(lines.taken) + 1, cells, "".join(lines.taken))

    def _take_header(self, record):
        if record is None:
            raise ImportRefusedError(
                _("%s is empty; its first line must name the columns.") % self.result.file
            )
        if fault := unreadable(record.text):
            self._refuse_header(record.line, fault)
        self.header = [cell.strip() for cell in record.cells]
        known = {column.name: column for column in self.table.columns}
        if faults := list(self.table.header_faults(self.header)):
            self._refuse_header(
                record.line,
                _("the columns are wrong (%(faults)s). Found: %(found)s. Known: %(known)s.")
                % {
                    "faults": "; ".join(faults),
                    "found": ", ".join(self.header)[:SHOWN_OF_A_HEADER],
                    "known": ", ".join(known),
                },
            )
        ignored = [name for name in self.header if name and name not in known]
        if ignored:
            self.result.notes.append(_("these columns are not used: %s") % ", ".join(ignored))
        self._plan = [
            (index, known[name], known[name].field, self._reader(known[name]))
            for index, name in enumerate(self.header)
            if name in known
        ]

    def _refuse_header(self, line, fault):
        raise ImportRefusedError(
            _("%(file)s, line %(line)d: %(fault)s") % {"file": self.result.file, "line": line, "fault": fault}
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
        if fault := unreadable(row.text):
            index = next(index for index, cell in enumerate(row.cells) if unreadable(cell))
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
        raise ValueError(_("is not a known %s; add it first, or correct it") % kind) from None


def _read_several(read, cell):
    return [read(part.strip()) for part in cell.split(";") if part.strip()]
