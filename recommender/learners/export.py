"""Everything held about a person as one document, and as an archive of it with a CSV file for each table."""

import csv
import io
import json
import zipfile

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommender.skills.spreadsheets import harmless

FIELDS = {
    "table": _("The file."),
    "field": _("A column of it."),
    "meaning": _("What it holds."),
}


def document(user, tables):
    """Plain values: each table with why it exists, how long it is kept, its fields in words and its rows."""
    return {
        "service": "HK Talent",
        "made_at": timezone.now().isoformat(),
        "tables": {
            table.name: {
                "why": str(table.why),
                "kept": str(table.kept),
                "fields": {name: str(meaning) for name, meaning in table.exported().items()},
                "rows": table.rows(user),
            }
            for table in tables
        },
    }


def archive(user, tables):
    """The bytes of a zip file: data.json, a CSV file for each table, and fields.csv, which explains them."""
    content = document(user, tables)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("data.json", json.dumps(content, ensure_ascii=False, indent=2))
        meanings = []
        for name, table in content["tables"].items():
            files.writestr(f"{name}.csv", csv_bytes(table["fields"], table["rows"]))
            meanings += [
                {"table": f"{name}.csv", "field": column, "meaning": meaning}
                for column, meaning in table["fields"].items()
            ]
        files.writestr("fields.csv", csv_bytes(FIELDS, meanings))
    return packed.getvalue()


def csv_bytes(columns, rows):
    """UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([cell(row[name]) for name in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def cell(value):
    """A value as a spreadsheet may open it."""
    if isinstance(value, list):
        value = "; ".join(str(one) for one in value)
    return "" if value is None else harmless(value)
