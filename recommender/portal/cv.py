"""Reads an uploaded CV for the skills that it names. Nothing of it is written anywhere."""

import unicodedata
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommender.engine.aliases import AliasMatcher

SUFFIXES = (".txt", ".csv")
MOST_BYTES = 200 * 1024
_OF_A_WORD_PROCESSOR = gettext_lazy(
    "%(name)s is a document with layout, which we cannot read. Open it, choose “Save as” or “Download”, then "
    "“Plain text (.txt)”, and choose that file."
)
HOW_TO_GET_TEXT = {
    ".pdf": gettext_lazy(
        "%(name)s is a PDF, which we cannot read. Open it, select all of its text, copy it into a plain-text "
        "editor (Notepad, or TextEdit as plain text), save it as .txt, and choose that file."
    ),
    **dict.fromkeys((".doc", ".docx", ".odt", ".pages", ".rtf"), _OF_A_WORD_PROCESSOR),
}
# What Windows writes as "Unicode" begins with one of these; everything else is read as UTF-8.
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
LAYOUT = frozenset("\t\n\r\f\v")


def read_text(file):
    """The text of an uploaded file. Raises ValidationError where it is no text file of at most 200 KB."""
    suffix = PurePath(file.name).suffix.lower()
    if suffix in HOW_TO_GET_TEXT:
        raise ValidationError(HOW_TO_GET_TEXT[suffix] % {"name": file.name})
    if suffix not in SUFFIXES:
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
