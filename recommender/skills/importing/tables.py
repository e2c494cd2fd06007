"""What a CSV file of one kind looks like: its columns, and what makes two rows the same thing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _


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

    def header_faults(self, header):
        """What is wrong with a file's column names, in words."""
        known = [column.name for column in self.columns]
        missing = [column.name for column in self.columns if column.required and column.name not in header]
        if missing:
            yield _("missing: %s") % ", ".join(missing)
        repeated = sorted({name for name in header if name in known and header.count(name) > 1})
        if repeated:
            yield _("named more than once: %s") % ", ".join(repeated)
        for group in self.together:
            if 0 < len(set(group) & set(header)) < len(group):
                yield _("these come together or not at all: %s") % ", ".join(group)
