"""Finds names of skills in texts, in Latin script by whole words and in Chinese by runs of characters.

Case, accents, simple plurals, hyphens, "&" for "and" and -ise for -ize make no difference. Scripts of Chinese
are not converted: a text in Traditional characters finds a name in Traditional characters.

Names of one or two letters (R, C, Go, AI) are more often something else. They count only as they are written,
and R, C or Go only where the words beside them speak of programming or nothing else stands beside them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from recommender.engine.texts import HAN

TOKEN = re.compile(rf"[{HAN}]|[^\W_{HAN}]+[+#]*|&|[^\w\s]|\s+|_")
JOINERS = frozenset("-_/.'’‐‑–+#")
QUALIFIED = re.compile(r"^(.+?)\s*[(（]([^()（）]+)[)）]\s*$")
BREAK = ""
MOST_SHORT = 2
MOST_SHARED = 10  # skills whose names hold a word that still tells one skill from others
BEFORE = frozenset(("in", "with", "using", "learn", "用", "以"))
AFTER = frozenset(("programming", "language", "coding", "developer", "studio", "語", "语", "編", "编", "程"))


class Token(NamedTuple):
    """A word or a Chinese character: `folded` is what is compared, "" where a phrase ends."""

    folded: str
    written: str


class Match(NamedTuple):
    """A name that stands in a text: whose it is, and the name as the vocabulary has it."""

    skill: int
    name: str


class _Name(NamedTuple):
    skill: int
    name: str
    written: str  # what a text must hold letter by letter, "" where folding is enough
    needs_a_sign: bool  # whether the words beside it must tell that it is meant


def tokens(text: str) -> list[Token]:
    """The words and Chinese characters of a text, with breaks where a phrase cannot go on.

    >>> [token.folded for token in tokens("Cloud-based R&D, C++")]
    ['cloud', 'based', 'r', 'and', 'd', '', 'c++']
    """
    pieces = TOKEN.findall(unicodedata.normalize("NFKC", text))
    found: list[Token] = []
    for at, piece in enumerate(pieces):
        if piece == "&":
            found.append(Token("and", "&"))
        elif piece[0].isalnum():
            found.append(Token(_folded(piece), piece))
        elif piece.isspace() or (piece in JOINERS and _joins(pieces, at)):
            continue
        else:
            found.append(Token(BREAK, piece))
    return found


def _joins(pieces: list[str], at: int) -> bool:
    """Whether a mark stands between two words without a space: Node.js, deep-learning."""
    return 0 < at < len(pieces) - 1 and pieces[at - 1][-1].isalnum() and pieces[at + 1][0].isalnum()


@lru_cache(maxsize=100_000)
def _folded(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _without_spelling(_singular(plain))


def _singular(word: str) -> str:
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1]


def _without_spelling(word: str) -> str:
    """Writes British and American spellings alike."""
    return re.sub(r"([iy])s(e|ed|er|ing|ation)$", r"\1z\2", word).replace("modell", "model")


def names_of(names: Iterable[str]) -> list[str]:
    """The names and what stands for them: without a qualifier in brackets, and initials that are in brackets.

    >>> names_of(["Advanced Encryption Standard (AES)", "Python (computer programming)"])
    ['Advanced Encryption Standard (AES)', 'Advanced Encryption Standard', 'AES', \
'Python (computer programming)', 'Python']
    """
    found: dict[str, None] = {}
    for name in names:
        found[name] = None
        if qualified := QUALIFIED.match(name):
            found[qualified[1]] = None
            if _are_initials(qualified[2], qualified[1]):
                found[qualified[2]] = None
    return list(found)


def _are_initials(short: str, long: str) -> bool:
    initials = "".join(word[0] for word in re.findall(r"\w+", long)).casefold()
    return len(short) > 1 and short.casefold() in (initials, initials + "s")


def is_short(name: str) -> bool:
    """Whether a name is of one or two Latin letters, which are more often something else."""
    found = [token.folded for token in tokens(name) if token.folded != BREAK]
    return len(found) == 1 and found[0].isascii() and len(found[0]) <= MOST_SHORT


def distinctive(vocabulary: Sequence[Sequence[str]]) -> list[list[str]]:
    """The names without other names of one word that stands in the names of many skills.

    Published vocabularies call statistics "data" too; that word tells nothing.
    """
    words = [{token.folded for name in names for token in tokens(name)} for names in vocabulary]
    shared = Counter(word for found in words for word in found)
    return [
        [name for at, name in enumerate(names) if at == 0 or not _is_general(name, shared)]
        for names in vocabulary
    ]


def _is_general(name: str, shared: Counter[str]) -> bool:
    found = tokens(name)
    return len(found) == 1 and shared[found[0].folded] > MOST_SHARED


class AliasMatcher:
    """Finds which skills of a vocabulary a text names.

    Parameters
    ----------
    vocabulary : for each skill its name and then its other names, in any languages

    `vocabulary` keeps the names that are looked for.
    """

    def __init__(self, vocabulary: Sequence[Iterable[str]]) -> None:
        self.vocabulary = distinctive([list(names) for names in vocabulary])
        self._by_phrase: dict[tuple[str, ...], list[_Name]] = {}
        self._lengths: dict[str, list[int]] = {}
        for skill, names in enumerate(self.vocabulary):
            for name in names_of(names):
                self._add(skill, name)
        for phrase in self._by_phrase:
            self._lengths.setdefault(phrase[0], []).append(len(phrase))
        for first, lengths in self._lengths.items():
            self._lengths[first] = sorted(set(lengths), reverse=True)

    def _add(self, skill: int, name: str) -> None:
        found = [token for token in tokens(name) if token.folded != BREAK]
        if not found:
            return
        written, needs_a_sign = "", False
        if is_short(name):
            written = found[0].written
            needs_a_sign = written.isalpha() and (len(written) == 1 or written[1:].islower())
        phrases = {tuple(token.folded for token in found)}
        if "-" in name and len(found) > 1 and name.isascii():
            phrases.add((_folded("".join(token.written for token in found)),))
        for phrase in phrases:
            known = self._by_phrase.setdefault(phrase, [])
            if all(other.skill != skill for other in known):
                known.append(_Name(skill, name, written, needs_a_sign))

    def matches(self, text: str) -> list[Match]:
        """Skills that a text names, each once, in the order of the text.

        Where names overlap the longest counts: "data science" does not name "data".
        """
        found = tokens(text)
        matches: dict[int, Match] = {}
        at = 0
        while at < len(found):
            length, names = self._longest(found, at)
            for name in names:
                matches.setdefault(name.skill, Match(name.skill, name.name))
            at += length
        return list(matches.values())

    def _longest(self, found: Sequence[Token], at: int) -> tuple[int, list[_Name]]:
        for length in self._lengths.get(found[at].folded, ()):
            phrase = tuple(token.folded for token in found[at : at + length])
            names = [name for name in self._by_phrase.get(phrase, ()) if _is_meant(name, found, at)]
            if names:
                return length, names
        return 1, []


def _is_meant(name: _Name, found: Sequence[Token], at: int) -> bool:
    if not name.written:
        return True
    if found[at].written != name.written:
        return False
    if not name.needs_a_sign:
        return True
    before = found[at - 1].folded if at else BREAK
    after = found[at + 1].folded if at + 1 < len(found) else BREAK
    if after == "and" and found[at + 1].written == "&":
        return False
    return before in BEFORE or after in AFTER or before == after == BREAK
