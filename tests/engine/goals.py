"""Small worlds of learners, roles and courses for tests of value and of the ranking by it."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from recommender.engine.gaps import gap
from recommender.engine.shortage_ranking import Fallback, Weights, rank
from recommender.engine.value import Needs, Raises, Targets


class World(NamedTuple):
    """Everything that a ranking reads, as dense arrays; `shortage` is nan where unknown."""

    relevance: np.ndarray
    allowed: np.ndarray
    held: np.ndarray
    wanted: list
    importance: np.ndarray
    needed: np.ndarray
    raises: np.ndarray
    shortage: np.ndarray
    fallback: np.ndarray
    fallback_rows: np.ndarray
    copies: np.ndarray


@st.composite
def worlds(draw):
    b, n = draw(st.integers(0, 5)), draw(st.integers(1, 25))
    n_skills, n_roles = draw(st.integers(1, 6)), draw(st.integers(0, 4))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    unknown = draw(st.sampled_from([0, 0.5, 1]))
    wanted = [
        random.choice(n_roles, random.integers(0, n_roles + 1), replace=False).tolist() for _ in range(b)
    ]
    return World(
        # Of a few figures, so that equal ones occur.
        relevance=random.choice(random.normal(1, 2, 6), (b, n)).astype(np.float32) * random.integers(0, 2),
        allowed=random.random((b, n)) < 0.8,
        held=random.integers(0, 6, (b, n_skills)),
        wanted=wanted,
        importance=random.random((n_roles, n_skills)) * (random.random((n_roles, n_skills)) < 0.8),
        needed=random.integers(0, 6, (n_roles, n_skills)),
        raises=random.integers(0, 6, (n, n_skills)) * (random.random((n, n_skills)) < 0.5),
        shortage=np.where(random.random(n_skills) < unknown, np.nan, random.random(n_skills)),
        fallback=np.where(random.random((2, n)) < 0.2, -np.inf, random.random((2, n))).astype(np.float32),
        fallback_rows=random.integers(-1, 2, (b, 2)),
        copies=random.integers(0, n, n) if draw(st.booleans()) else np.arange(n),
    )


def ranked(world, *, w, k=8):
    return rank(
        world.relevance,
        world.allowed,
        Targets.of(world.held, world.wanted),
        Needs.of(world.importance, world.needed),
        Raises.of(world.raises),
        Weights.of(world.shortage),
        Fallback(world.fallback, world.fallback_rows),
        w=w,
        k=k,
        copies=world.copies,
    )


def closed_by_skill(world, user):
    """What each course closes of the gap in each skill, (n, n_skills), and the gap, by the definition."""
    importance, needed = world.importance[world.wanted[user]], world.needed[world.wanted[user]]
    before = gap(importance, needed, world.held[user])
    after = [gap(importance, needed, np.maximum(world.held[user], raised)) for raised in world.raises]
    return before - np.array(after), before


def weights(world):
    known = world.shortage[~np.isnan(world.shortage)]
    return np.where(np.isnan(world.shortage), known.mean() if known.size else 1.0, world.shortage)


def links_of(world, user, w):
    """The links of one learner's list by the definition: number, what may be listed, scores, ties."""
    closed = closed_by_skill(world, user)[0]
    value, whole_closed = closed @ weights(world), closed.sum(axis=1)
    value[np.abs(value) < 1e-12], whole_closed[np.abs(whole_closed) < 1e-12] = 0, 0
    allowed = world.allowed[user]
    raw = np.maximum(world.relevance[user].astype(float), 0)
    relevance = raw / (max(raw[allowed], default=0) or 1)
    most_value = max(value[allowed], default=0)
    value = value / (most_value or 1)
    score = (1 - w) * relevance + w * value
    by_score = (relevance > 0) | (w > 0) & (value > 0) if raw[allowed].any() else np.zeros(raw.size, bool)
    links = [(1, by_score, score, relevance), (2, whole_closed > 0, value, whole_closed)]
    for link, row in enumerate(world.fallback_rows[user], start=3):
        if row >= 0:
            says = world.fallback[row] > -np.inf
            links.append((link, says, world.fallback[row], np.zeros(raw.size)))
    return links


def expected_list(world, user, w, k):
    """One learner's list by the definition, with sorts: courses and links."""
    listed = []
    for link, may, scores, ties in links_of(world, user, w):
        courses = np.flatnonzero(may & world.allowed[user])
        for course in courses[np.lexsort((courses, -ties[courses], -scores[courses].round(12)))]:
            alike = [other for other, _ in listed if world.copies[other] == world.copies[course]]
            if len(alike) < 2 and all(other != course for other, _ in listed):
                listed.append((course, link))
    return listed[:k]
