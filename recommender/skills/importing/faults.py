"""Why lines of a file are no row, and why a text cannot be stored, in words for whoever made the file."""

import csv

from django.utils.translation import gettext as _

from recommender.skills.importing.lines import MAX_LINE_BYTES, LongLine


def unreadable(text):
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


def malformed(text, n_lines, error):
    """What is wrong with so many lines, of which `text` is the first, in other words than Python's."""
    if isinstance(text, LongLine):
        return _("is longer than %d bytes; a quote may be missing") % MAX_LINE_BYTES
    if n_lines > 1 or "unexpected end" in str(error):
        return _("opens a double quote that is not closed")
    if "field limit" in str(error):
        return _("holds a field of more than %d characters") % csv.field_size_limit()
    if "new-line" in str(error):
        return _("holds a carriage return without a line feed: save the file as CSV UTF-8")
    return _("has text after a closing double quote; double each quote inside a quoted text")
