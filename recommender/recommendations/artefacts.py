"""What a run learned, kept as one file named after its content, which readers map into memory."""

import hashlib
import logging
import os
import tempfile
import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.conf import settings

from recommender.engine.blend import Blend
from recommender.engine.storage import load_state, save_state
from recommender.recommendations.sums import Sums

logger = logging.getLogger(__name__)

MODEL = "model."
SUMS = "sums-"
UNNAMED_SECONDS = 3600
FACTS = ("courses", "popularity", "sectors", "sector_popularity", "near_copies", "similar")


@dataclass(frozen=True)
class Fitted:
    """Everything that making a list needs besides the facts of today.

    model : fitted Blend, its items are `courses`; None where there was nothing to learn from
    courses : int64 ndarray (n_items,), ids, ascending
    popularity : float32 ndarray (n_items,), share of learners who hold the course
    sectors : int64 ndarray (n_sectors,), ids, ascending
    sector_popularity : float32 ndarray (n_sectors, n_items), the same share within a sector
    near_copies : int64 ndarray (n_items,), the group of near-copies of each course
    similar : int64 ndarray (n_items, n), positions of the courses most like each; -1 where there are no more
    """

    model: Blend | None
    courses: np.ndarray
    popularity: np.ndarray
    sectors: np.ndarray
    sector_popularity: np.ndarray
    near_copies: np.ndarray
    similar: np.ndarray


NOTHING_LEARNED = Fitted(
    model=None,
    courses=np.zeros(0, np.int64),
    popularity=np.zeros(0, np.float32),
    sectors=np.zeros(0, np.int64),
    sector_popularity=np.zeros((0, 0), np.float32),
    near_copies=np.zeros(0, np.int64),
    similar=np.zeros((0, 0), np.int64),
)


def folder():
    return settings.VAR / "artefacts"


def save(fitted):
    """Writes the artefact and gives its name. The same content keeps one file."""
    learned = fitted.model.get_state() if fitted.model else {}
    state = {MODEL + name: value for name, value in learned.items()}
    return _write(state | {name: getattr(fitted, name) for name in FACTS})


def save_sums(sums):
    """Writes the sums that a run leaves for the next, and gives their name."""
    return _write(sums.state(), prefix=SUMS)


def _write(state, prefix=""):
    folder().mkdir(parents=True, exist_ok=True)
    descriptor, path = tempfile.mkstemp(dir=folder(), suffix=".part")
    try:
        save_state(path, state)
        os.fsync(descriptor)
        with open(path, "rb") as file:
            name = f"{prefix}{hashlib.file_digest(file, 'sha256').hexdigest()}.npz"
        os.replace(path, folder() / name)
    except BaseException:
        os.unlink(path)
        raise
    finally:
        os.close(descriptor)
    return name


def load_sums(name):
    """The sums of a run; None where it left none, or they cannot be used: then all are made anew."""
    if not name:
        return None
    try:
        return Sums.from_state(load_state(folder() / name))
    except (OSError, ValueError, KeyError):
        logger.warning("The sums %s cannot be used.", name, exc_info=True)
        return None


def remove_sums_but(names):
    """Deletes the files of all other sums; whoever reads one still reads on."""
    for path in folder().glob(f"{SUMS}*"):
        if path.name not in names:
            path.unlink(missing_ok=True)


def load(name):
    """The artefact of a run."""
    return _load(folder() / name)


@lru_cache(maxsize=2)
def _load(path):
    state = load_state(path)
    model = {key.removeprefix(MODEL): value for key, value in state.items() if key.startswith(MODEL)}
    # Artefacts of before near-copies and similar courses were looked for hold none.
    n_items = state["courses"].size
    none_alike = {"near_copies": np.arange(n_items), "similar": np.zeros((n_items, 0), np.int64)}
    facts = {name: (none_alike | state)[name] for name in FACTS}
    return Fitted(model=Blend.from_state(model) if model else None, **facts)


def remove_all_but(names):
    """Deletes files that no run needs; not the newest, which a run may have written but not named yet."""
    newest = time.time() - UNNAMED_SECONDS
    for path in folder().glob("*"):
        if path.name not in names and path.stat().st_mtime < newest:
            path.unlink(missing_ok=True)
