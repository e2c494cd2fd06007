"""Tables as files for spreadsheets: CSV that opens with its Chinese intact and computes nothing."""

import csv

from django.http import HttpResponse

# What a spreadsheet takes for the start of a formula (OWASP, CSV injection).
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_answer(file_name, header, rows):
    """A download with a byte order mark, which tells spreadsheets that it is UTF-8."""
    answer = HttpResponse(
        "\ufeff",
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )
    writer = csv.writer(answer)
    writer.writerow([harmless(cell) for cell in header])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return answer


def harmless(cell):
    """The cell with an apostrophe before a text that a spreadsheet would compute; numbers as they are."""
    if isinstance(cell, str) and cell.startswith(STARTS_A_FORMULA):
        return f"'{cell}"
    return cell
