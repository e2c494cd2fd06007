"""Ranks courses by what a learner is likely to take and by what the city is short of, at once.

score = (1 - w) * relevance + w * value, where relevance is what a model says and value is how much of the gap
to the learner's target roles a course closes, skills in short supply first (see `value`). Both are scaled for
each learner by their largest figure among the courses that the learner may take, so they lie in [0, 1].

One pass over the learners gives lists and the parts of their scores; beyond what it is given and what it
gives, memory does not grow with learners.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recommender.engine.compiled import compiled, in_parallel, n_cores
from recommender.engine.value import MOST_LEVEL, Needs, Raises, Targets, add_up, lacking

# So many near-copies of one course may stand on a list.
MOST_ALIKE = 2
# So many skills of each course are named with what they add to the score.
N_SKILLS_NAMED = 3
# Links of the chain that fills a list; what follows are the rows of `Fallback`.
BY_SCORE, BY_VALUE, BY_FALLBACK = 1, 2, 3
CHUNK = 16  # figures that a core compares at once


class Fallback(NamedTuple):
    """What fills a list that score and value leave open.

    scores : float32 ndarray of shape (n_rows, n_courses); -inf or nan where a row says nothing of a course
    rows : int64 ndarray of shape (b, n_links), the rows that each learner's list is filled by, one after the
        other; -1 for none
    """

    scores: NDArray[np.float32]
    rows: NDArray[np.int64]


class Weights(NamedTuple):
    """How much closing the gap in each skill counts.

    weights : float64 ndarray of shape (n_skills,), in [0, 1]
    is_known : bool ndarray of shape (n_skills,), whether the weight is a known shortage
    """

    weights: NDArray[np.float64]
    is_known: NDArray[np.bool_]

    @classmethod
    def of(cls, shortage: ArrayLike) -> Weights:
        """From shortages in [0, 1], nan where unknown.

        A skill of unknown shortage counts as much as the others do in the mean; when none is known all count
        the same, so that value comes from gaps alone.
        """
        shortage = np.asarray(shortage, dtype=np.float64)
        is_known = ~np.isnan(shortage)
        known = shortage[is_known]
        if known.size and not 0 <= known.min() <= known.max() <= 1:
            raise ValueError(f"shortage must lie in [0, 1], got {known.min()} to {known.max()}")
        return cls(np.where(is_known, shortage, known.mean() if known.size else 1.0), is_known)


class Ranked(NamedTuple):
    """Lists of b learners, best first, and what their scores are made of.

    courses : int32 ndarray of shape (b, k), positions, -1 where the list has ended; what follows is 0 there
    links : uint8 ndarray of shape (b, k), `BY_SCORE`, `BY_VALUE`, or `BY_FALLBACK` plus the link there
    score : float64 ndarray of shape (b, k). By score: (1 - w) * relevance + w * value; by value: value; by
        fallback: the score there
    relevance, value : float64 ndarrays of shape (b, k), in [0, 1]
    gap_closed : float64 ndarray of shape (b, k), share of the learner's whole gap that the course closes
        alone, whatever the shortage
    known : float64 ndarray of shape (b, k), share of that in skills of known shortage; nan where no gap
        closes
    skills : int32 ndarray of shape (b, k, N_SKILLS_NAMED), the skills that add most to the score, -1 for none
    shares : float64 ndarray of the same shape, what they add
    skills_rest : float64 ndarray of shape (b, k), what all other skills add
    relevance_unit : float64 ndarray of shape (b,): a raw relevance times this is its part of a score by score
    """

    courses: NDArray[np.int32]
    links: NDArray[np.uint8]
    score: NDArray[np.float64]
    relevance: NDArray[np.float64]
    value: NDArray[np.float64]
    gap_closed: NDArray[np.float64]
    known: NDArray[np.float64]
    skills: NDArray[np.int32]
    shares: NDArray[np.float64]
    skills_rest: NDArray[np.float64]
    relevance_unit: NDArray[np.float64]

    @classmethod
    def empty(cls, b: int, k: int) -> Ranked:
        """Room for the lists."""
        figures = ("score", "relevance", "value", "gap_closed", "known", "skills_rest")
        return cls(
            courses=np.full((b, k), -1, dtype=np.int32),
            links=np.zeros((b, k), dtype=np.uint8),
            skills=np.full((b, k, N_SKILLS_NAMED), -1, dtype=np.int32),
            shares=np.zeros((b, k, N_SKILLS_NAMED)),
            relevance_unit=np.zeros(b),
            **{name: np.zeros((b, k)) for name in figures},
        )


class _Pass(NamedTuple):
    """What the compiled pass reads."""

    relevance: NDArray[np.float32]
    allowed: NDArray[np.bool_]
    targets: Targets
    needs: Needs
    raises: Raises
    weights: NDArray[np.float64]
    is_known: NDArray[np.bool_]
    fallback_scores: NDArray[np.float32]
    fallback_rows: NDArray[np.int64]
    copies: NDArray[np.int64]


def rank(
    relevance: NDArray[np.float32],
    allowed: NDArray[np.bool_],
    targets: Targets,
    needs: Needs,
    raises: Raises,
    weights: Weights,
    fallback: Fallback,
    *,
    w: float,
    k: int,
    copies: ArrayLike,
) -> Ranked:
    """Each learner's k best courses along a chain of links, each of which fills what those before left open.

    1. By score, for learners with any relevance: courses with relevance, or where w > 0 with value. Equal
       scores are in the order of relevance.
    2. By value alone: courses that close some of the gap. Equal values are in the order of the gap closed.
    3. By the fallback's rows.

    Near-copies stand at most `MOST_ALIKE` times on a list: a further one is passed over and nothing is
    reordered, so each link's courses are in the order of its score, and with w = 0 the first link's in that
    of relevance.

    Parameters
    ----------
    relevance : float32 ndarray of shape (b, n_courses), raw scores of a model; what is not above 0 says
        nothing
    allowed : bool ndarray of shape (b, n_courses), what may be listed at all
    targets, needs, raises, weights, fallback : see the classes
    w : float in [0, 1], weight of value against relevance
    k : int >= 1
    copies : int array of shape (n_courses,), the group of near-copies that a course belongs to
        (`near_copies`)

    References
    ----------
    Carbonell and Goldstein (1998), "The use of MMR, diversity-based reranking for reordering documents and
    producing summaries", doi:10.1145/290941.291025: near-copies add nothing. Here they are bounded rather
    than priced, which keeps a score the sum of its parts.
    """
    relevance = np.ascontiguousarray(relevance, dtype=np.float32)
    allowed = np.ascontiguousarray(allowed, dtype=np.bool_)
    read = _Pass(
        relevance,
        allowed,
        targets,
        needs,
        raises,
        *weights,
        np.ascontiguousarray(fallback.scores, dtype=np.float32),
        np.ascontiguousarray(fallback.rows, dtype=np.int64),
        np.asarray(copies, dtype=np.int64),
    )
    _check(read, w, k)
    ranked = Ranked.empty(relevance.shape[0], k)
    size = max(1, -(-relevance.shape[0] // (4 * n_cores())))
    parts = [(at, min(at + size, relevance.shape[0])) for at in range(0, relevance.shape[0], size)]
    in_parallel(_rank, [(read, float(w), *part, ranked) for part in parts])
    return ranked


def _check(read: _Pass, w: float, k: int) -> None:
    """The compiled pass looks at no bounds, so all of them are looked at here."""
    b, n = read.relevance.shape
    n_skills, n_roles = read.weights.size, read.needs.starts.size - 1
    if not 0 <= w <= 1:
        raise ValueError(f"w must lie in [0, 1], got {w}")
    if k < 1:
        raise ValueError(f"k must be >= 1, got {k}")
    shapes = {
        "allowed": (read.allowed.shape, (b, n)),
        "targets.held": (read.targets.held.shape, (b, n_skills)),
        "targets.starts": (read.targets.starts.shape, (b + 1,)),
        "raises by skill": (read.raises.skill_starts.shape, (n_skills + 1,)),
        "raises by course": (read.raises.course_starts.shape, (n + 1,)),
        "weights.is_known": (read.is_known.shape, (n_skills,)),
        "fallback.scores": (read.fallback_scores.shape[1:], (n,)),
        "fallback.rows": (read.fallback_rows.shape[:1], (b,)),
        "copies": (read.copies.shape, (n,)),
    }
    for name, (shape, expected) in shapes.items():
        if shape != expected:
            raise ValueError(f"{name} must have shape {expected}, got {shape}")
    _check_below("targets.roles", read.targets.roles, n_roles)
    _check_below("needs.skills", read.needs.skills, n_skills)
    _check_below("fallback.rows", read.fallback_rows + 1, read.fallback_scores.shape[0] + 1)


def _check_below(name: str, numbers: NDArray[Any], bound: int) -> None:
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < bound:
        raise ValueError(f"{name} must be rows of what they refer to, got {numbers.min()} to {numbers.max()}")


@compiled
def _rank(read, w, first, last, ranked):  # type: ignore[no-untyped-def]
    # Counting references to arrays costs more than the work itself where it happens for each course.
    targets, needs, raises = read.targets, read.needs, read.raises
    weights, copies = read.weights, read.copies
    all_courses, all_scores, all_links = ranked.courses, ranked.score, ranked.links
    n, k, n_skills = read.allowed.shape[1], all_courses.shape[1], weights.size
    value, closed, scores = np.zeros(n), np.zeros(n), np.empty(n)
    gap_at = np.zeros((n_skills, MOST_LEVEL + 1))
    is_lacking, skills = np.zeros(n_skills, np.bool_), np.empty(n_skills, np.int64)
    ties, groups = np.empty(k), np.empty(k, np.int64)
    for user in range(first, last):
        n_lacking = lacking(user, targets, needs, gap_at, is_lacking, skills)
        held, relevance, allowed = targets.held[user], read.relevance[user], read.allowed[user]
        courses, best, links = all_courses[user], all_scores[user], all_links[user]
        per_relevance, per_value, whole = _reciprocal(_largest(relevance, allowed)), 0.0, 0.0
        if n_lacking:
            whole = add_up(held, skills[:n_lacking], gap_at, raises, weights, value, closed)
            per_value = _reciprocal(_largest(value, allowed))
        found = 0
        if per_relevance > 0:
            _score(scores, allowed, relevance, (1.0 - w) * per_relevance, value, w * per_value)
            found = _fill(scores, relevance, copies, courses, best, ties, groups, found)
            links[:found] = BY_SCORE
        if n_lacking and found < k:
            _score_by_value(scores, allowed, value, per_value, closed)
            start = found
            found = _fill(scores, closed, copies, courses, best, ties, groups, start)
            links[start:found] = BY_VALUE
        for link in range(read.fallback_rows.shape[1]):
            row = read.fallback_rows[user, link]
            if row >= 0 and found < k:
                _score_by_row(scores, allowed, read.fallback_scores[row])
                start = found
                found = _fill(scores, scores, copies, courses, best, ties, groups, start)
                links[start:found] = BY_FALLBACK + link
        for place in range(found):
            course = courses[place]
            ranked.relevance[user, place] = max(relevance[course] * per_relevance, 0.0)
            ranked.value[user, place] = value[course] * per_value
            ranked.gap_closed[user, place] = closed[course] / whole if whole > 0 else 0.0
        ranked.relevance_unit[user] = (1.0 - w) * per_relevance
        _explain(user, found, w, per_value, held, is_lacking, gap_at, raises, read, ranked)
        if n_lacking:
            value[:], closed[:] = 0.0, 0.0
        for at in range(n_lacking):
            is_lacking[skills[at]] = False


@compiled
def _score(scores, allowed, relevance, by_relevance, value, by_value):  # type: ignore[no-untyped-def]
    for course in range(scores.size):
        raw = relevance[course] if relevance[course] > 0 else np.float32(0.0)
        of_value = value[course] * by_value
        # With all weight on value, what has relevance still has a score: 0.
        is_listed = allowed[course] & (raw + of_value > 0)
        scores[course] = raw * by_relevance + of_value if is_listed else -np.inf


@compiled
def _score_by_value(scores, allowed, value, per_value, closed):  # type: ignore[no-untyped-def]
    for course in range(scores.size):
        is_listed = allowed[course] & (closed[course] > 0)
        scores[course] = value[course] * per_value if is_listed else -np.inf


@compiled
def _score_by_row(scores, allowed, row):  # type: ignore[no-untyped-def]
    for course in range(scores.size):
        scores[course] = row[course] if allowed[course] else -np.inf


@compiled
def _largest(figures, allowed):  # type: ignore[no-untyped-def]
    """The largest figure above 0 of what is allowed, or 0; nan counts as nothing."""
    largest = figures.dtype.type(0)
    for first in range(0, figures.size, CHUNK):
        end = min(first + CHUNK, figures.size)
        # All of a chunk are compared at once, and one by one only where one of them is larger.
        is_any = False
        for at in range(first, end):
            is_any |= (figures[at] > largest) & allowed[at]
        if is_any:
            for at in range(first, end):
                if allowed[at] and figures[at] > largest:
                    largest = figures[at]
    return largest


@compiled
def _reciprocal(figure):  # type: ignore[no-untyped-def]
    return 1.0 / figure if figure > 0 else 0.0


@compiled
def _fill(scores, tied, copies, courses, best, ties, groups, start):  # type: ignore[no-untyped-def]
    """Puts the best courses with a score behind the first `start`; how many the list then holds.

    Of equal scores the one with the larger figure in `tied` comes first, then the lower course.
    """
    k, found = courses.size, start
    for first in range(0, scores.size, CHUNK):
        end = min(first + CHUNK, scores.size)
        if found == k:
            is_any = False
            for course in range(first, end):
                is_any |= scores[course] >= best[k - 1]
            if not is_any:
                continue
        for course in range(first, end):
            score, tie = scores[course], tied[course]
            if score > -np.inf and (found < k or _is_better(score, tie, best[k - 1], ties[k - 1])):
                found = _place(course, score, tie, copies[course], courses, best, ties, groups, start, found)
    return found


@compiled
def _place(  # type: ignore[no-untyped-def]
    course, score, tie, group, courses, scores, ties, groups, start, found
):
    """Puts a course where it belongs among those from `start` on, if it does; how many there then are.

    Courses come in ascending order, so that of equals the lower one stands first.
    """
    for place in range(start):
        if courses[place] == course:
            return found
    n_alike = 0
    for place in range(found):
        n_alike += groups[place] == group
    leaving = courses.size - 1 if found == courses.size else found
    if n_alike >= MOST_ALIKE:
        leaving = found - 1
        while groups[leaving] != group:
            leaving -= 1
    if leaving < start or (leaving < found and not _is_better(score, tie, scores[leaving], ties[leaving])):
        return found
    place = leaving
    while place > start and _is_better(score, tie, scores[place - 1], ties[place - 1]):
        courses[place], scores[place] = courses[place - 1], scores[place - 1]
        ties[place], groups[place] = ties[place - 1], groups[place - 1]
        place -= 1
    courses[place], scores[place], ties[place], groups[place] = course, score, tie, group
    return max(found, leaving + 1)


@compiled
def _is_better(score, tie, other, other_tie):  # type: ignore[no-untyped-def]
    return score > other or (score == other and tie > other_tie)


@compiled
def _explain(  # type: ignore[no-untyped-def]
    user, found, w, per_value, held, is_lacking, gap_at, raises, read, ranked
):
    """Keeps the skills that add most to the score of each listed course, and what all others add."""
    courses, links = ranked.courses[user], ranked.links[user]
    named_skills, named_shares, rests = ranked.skills[user], ranked.shares[user], ranked.skills_rest[user]
    all_known, weights, is_known = ranked.known[user], read.weights, read.is_known
    starts, skills, levels = raises.course_starts, raises.skills, raises.course_levels
    for place in range(found):
        unit = per_value * (w if links[place] == BY_SCORE else 1.0 if links[place] == BY_VALUE else 0.0)
        rest, known, closed = 0.0, 0.0, 0.0
        for entry in range(starts[courses[place]], starts[courses[place] + 1]):
            skill, level = skills[entry], levels[entry]
            if not is_lacking[skill] or level <= held[skill]:
                continue
            part = gap_at[skill, held[skill]] - gap_at[skill, level]
            closed += part
            known += part if is_known[skill] else 0.0
            share = unit * weights[skill] * part
            at = N_SKILLS_NAMED - 1
            if not share > named_shares[place, at]:
                rest += share
                continue
            rest += named_shares[place, at]
            while at > 0 and share > named_shares[place, at - 1]:
                named_shares[place, at] = named_shares[place, at - 1]
                named_skills[place, at] = named_skills[place, at - 1]
                at -= 1
            named_shares[place, at], named_skills[place, at] = share, skill
        rests[place] = rest
        all_known[place] = known / closed if closed > 0 else np.nan
