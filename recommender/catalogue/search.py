"""Free-text search: every word must be found in a course's titles or code, its provider, or its skills.

Case and accents do not count in Latin letters, on either database: each letter becomes a class of its
accented forms. Chinese is found as it is written.
"""

import re
import unicodedata

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce, Concat, NullIf

from recommender.skills.models import Skill
from recommender.skills.trilingual import NEAREST

MAX_WORDS = 8
TITLE_COLUMNS = ("title_en", "title_zh_hant", "title_zh_hans")
NAME_COLUMNS = ("name_en", "name_zh_hant", "name_zh_hans")
# Latin letters with accents end with the Vietnamese ones.
LATIN = (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))


def without_accents(text):
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _accented_forms():
    forms = {}
    for letter in map(chr, LATIN):
        plain = without_accents(letter)
        if len(plain) == 1 and plain.isascii() and plain != letter:
            forms[plain] = forms.get(plain, plain) + letter
    return forms


ACCENTED = _accented_forms()


def pattern(word):
    """A regular expression, for Python and PostgreSQL alike, of a word with or without its accents."""
    letters = (f"[{ACCENTED[letter]}]" if letter in ACCENTED else re.escape(letter) for letter in word)
    return "".join(letters)


def words(text):
    return without_accents(text.replace("\0", " ")).split()[:MAX_WORDS]


def joined(*columns):
    """One text of several columns, so that the database compares once instead of once a column."""
    separated = [part for column in columns for part in (column, Value(" "))]
    return Concat(*separated[:-1])


def matching(courses, text):
    """The courses in which every word is found; their `distance` is 0 with all words in the title, else 1."""
    courses = courses.alias(
        searched_title=joined(*TITLE_COLUMNS, "code"),
        searched_provider=joined(*(f"provider__{column}" for column in NAME_COLUMNS)),
    )
    skills = Skill.objects.alias(searched_name=joined(*NAME_COLUMNS))
    in_title = Q()
    for word in words(text):
        expression = pattern(word)
        title = Q(searched_title__iregex=expression)
        teaches = courses.model.skills.through.objects.counted().filter(
            skill__in=skills.filter(searched_name__iregex=expression)
        )
        in_title &= title
        courses = courses.filter(
            title | Q(searched_provider__iregex=expression) | Q(pk__in=teaches.values("course"))
        )
    if not in_title:
        return courses.alias(distance=F("pk") * 0)
    return courses.alias(distance=Case(When(in_title, then=0), default=1, output_field=IntegerField()))


def in_readers_language(language):
    """The title that a reader of the language is shown, to sort by."""
    columns = (f"title_{nearest.replace('-', '_')}" for nearest in NEAREST[language])
    return Coalesce(*(NullIf(column, Value("")) for column in columns))
