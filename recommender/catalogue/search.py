"""Free-text search over courses, the same on either database.

What is searched is kept with each course (`search_index.py`). A word of Latin letters is found at the
beginning of a word; one that no course has is taken for the nearest that some course has. A run of Chinese is
found where most of its pairs of characters are.
"""

from bisect import bisect_left
from functools import reduce
from math import ceil
from operator import or_
from typing import NamedTuple

from django.core.cache import cache
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.db.models.lookups import GreaterThanOrEqual
from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from recommender.catalogue.search_texts import is_chinese, normalised
from recommender.skills.models import Skill
from recommender.skills.trilingual import NEAREST

MAX_WORDS = 8
# Latin words of up to this many letters are found whole only: "ai" does not find "aim".
SHORT = 2
ENOUGH_PAIRS = 0.5
# How many letters may be wrong, missing or swapped, by the least length of the word.
MOST_EDITS = ((8, 2), (4, 1))
SKILL_NAMES = ("name_en", "name_zh_hant", "name_zh_hans")
KNOWN_WORDS = "catalogue-known-words"
KNOWN_WORDS_SECONDS = 600


class Query(NamedTuple):
    """words : what is searched for; corrected : (typed, taken for) of each word that no course has."""

    words: list[str]
    corrected: list[tuple[str, str]]


def understood(courses, text):
    """What a reader's text asks of a queryset of courses."""
    typed = normalised(text).split()[:MAX_WORDS]
    if all(map(is_chinese, typed)):
        return Query(typed, [])
    known = cache.get_or_set(KNOWN_WORDS, lambda: _words_of(courses), KNOWN_WORDS_SECONDS)
    words = [word if is_chinese(word) else _nearest(word, known) for word in typed]
    return Query(words, [pair for pair in zip(typed, words, strict=True) if pair[0] != pair[1]])


def _words_of(courses):
    """Every Latin word that any course is found by, sorted."""
    columns = courses.model.objects.active().values_list("searched_title", "searched_rest")
    words = {word for course in columns for text in course for word in text.split()}
    return sorted(word for word in words if not is_chinese(word))


def _nearest(word, known):
    """The word itself where some known word begins with it or none is near; else the nearest."""
    place = bisect_left(known, word)
    most = next((edits for length, edits in MOST_EDITS if len(word) >= length), 0)
    if not most or (place < len(known) and known[place].startswith(word)):
        return word
    found = extractOne(word, known, scorer=OSA.distance, score_cutoff=most)
    return found[0] if found else word


def matching(courses, text):
    """The courses in which every word is found.

    Their `distance` is 0 where the title begins with the words, 1 where all are in the title, 2 where a skill
    that is confirmed or near certain is named so, else 3.
    """
    in_title = Q()
    words = understood(courses, text).words
    if text.strip() and not words:
        courses = courses.none()
    for word in words:
        title = found_in("searched_title", word)
        courses = courses.filter(title | found_in("searched_rest", word))
        in_title &= title
    if not in_title:
        return courses.alias(distance=F("pk") * 0)
    nearest = [When(_begins_title(words, text), then=0), When(in_title, then=1)]
    if skills := _skills_named(Skill.objects.all(), words):
        taught = courses.model.skills.through.objects.sure().filter(skill__in=skills)
        nearest.append(When(pk__in=taught.values("course"), then=2))
    return courses.alias(distance=Case(*nearest, default=3, output_field=IntegerField()))


def _begins_title(words, text):
    """Only the English title is known to stand first in `searched_title`; the others are asked as typed."""
    begins = Q(searched_title__startswith=f" {' '.join(words)}")
    if any(map(is_chinese, words)):
        begins |= Q(title_zh_hant__istartswith=text.strip()) | Q(title_zh_hans__istartswith=text.strip())
    return begins


def _skills_named(skills, words):
    """Ids of the skills that have every word in a name."""
    for word in words:
        skills = skills.filter(reduce(or_, (Q(**{f"{name}__icontains": word}) for name in SKILL_NAMES)))
    named = skills.values_list("pk", *SKILL_NAMES)
    return [pk for pk, *names in named if _are_in(words, normalised("\n".join(names)))]


def _are_in(words, text):
    return all((word if is_chinese(word) else f" {word}") in text for word in words)


def found_in(column, word):
    """Whether a column holds a word."""
    if not is_chinese(word):
        return Q(**{f"{column}__contains": f" {word} " if len(word) <= SHORT else f" {word}"})
    pairs = [word[place : place + 2] for place in range(max(1, len(word) - 1))]
    found = (Case(When(**{f"{column}__contains": pair}, then=1), default=0) for pair in pairs)
    return Q(GreaterThanOrEqual(sum(found, start=Value(0)), ceil(ENOUGH_PAIRS * len(pairs))))


def in_readers_language(language):
    """The title that a reader of the language is shown, to sort by."""
    columns = (f"title_{nearest.replace('-', '_')}" for nearest in NEAREST[language])
    return Coalesce(*(NullIf(column, Value("")) for column in columns))
