"""Reads an uploaded CV for the skills that it names. Nothing of it is written anywhere."""

import unicodedata
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommender.engine.aliases import AliasMatcher

SUFFIXES = (".txt", ".csv")
MOST_BYTES = 200 * 1024
# What Windows writes as "Unicode" begins with one of these; everything else is read as UTF-8.
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
LAYOUT = frozenset("\t\n\r\f\v")


def read_text(file):
    """The text of an uploaded file. Raises ValidationError where it is no text file of at most 200 KB."""
    if PurePath(file.name).suffix.lower() not in SUFFIXES:
        raise ValidationError(
            _("%(name)s is no .txt or .csv file. Save your CV as plain text, and choose that file.")
            % {"name": file.name}
        )
    if file.size > MOST_BYTES:
        raise ValidationError(
            _("%(name)s has %(size)d KB. Choose a file of at most %(most)d KB.")
            % {"name": file.name, "size": -(-file.size // 1024), "most": MOST_BYTES // 1024}
        )
    content = file.read()
    try:
        text = content.decode("utf-16" if content.startswith(UTF_16_MARKS) else "utf-8-sig")
    except UnicodeDecodeError:
        text = None
    if text is None or any(unicodedata.category(letter) == "Cc" for letter in set(text) - LAYOUT):
        raise ValidationError(
            _("%(name)s cannot be read as text. Save your CV as plain text in UTF-8, and choose that file.")
            % {"name": file.name}
        )
    return text


def skills_named(text, skills):
    """Those of the skills that a text names in any language, in its order."""
    matcher = AliasMatcher([skill.every_name() for skill in skills])
    return [skills[match.skill] for match in matcher.matches(text)]
