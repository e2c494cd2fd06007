"""A learner's list as bytes: one structured array, little-endian, so that 100,000 lists load in seconds.

Each item holds a course, where it came from, its score, and the reasons whose shares, with the rests, add up
to the score: past courses and `past_rest` to the part of relevance, skills and `skills_rest` to the part of
value.
"""

import numpy as np
from django.db import models
from django.utils.translation import gettext_lazy as _

from recommender.engine.shortage_ranking import N_SKILLS_NAMED

N_PAST_NAMED = 3
# Changes with ITEM: lists that were packed otherwise are as good as none, and are made anew.
FORMAT = b"\x02"
# Added to the source of the next step of a pathway where a list is shown; no stored list has it.
NEXT_STEP = 128


class Source(models.IntegerChoices):
    """What put a course on a list: relevance, value where there is no relevance, or popularity."""

    MODEL = 1, _("What learners like you took next")
    GOAL = 2, _("Skills for your target role")
    SECTOR = 3, _("Popular in your sector")
    POPULAR = 4, _("Popular with everybody")
    PATHWAY = 5, _("Next step of your pathway")


class Demand(models.IntegerChoices):
    """Whether the shortage of the skills that a course adds is known; NONE where it adds none."""

    NONE = 0, _("Adds nothing to your target roles")
    UNKNOWN = 1, _("Demand for these skills is not known: they count by your gap alone.")
    PARTLY = 2, _("Demand is known for some of these skills; the others count as the average.")
    KNOWN = 3, _("Demand for these skills is known")


REASON = np.dtype([("subject", "<u4"), ("share", "<f4")])
ITEM = np.dtype(
    [
        ("course", "<u4"),
        ("source", "u1"),
        ("demand", "u1"),
        # score = (1 - w) * relevance + w * value where the source is MODEL, and also where it is GOAL on the
        # list of a learner whom the model knows; else of GOAL it is value, and of SECTOR and POPULAR the
        # share of learners who hold the course.
        ("score", "<f4"),
        ("relevance", "<f4"),
        ("value", "<f4"),
        # Share of the whole gap to the target roles, whatever the shortage.
        ("gap_closed", "<f4"),
        # Subjects are courses and skills, 0 in an empty slot.
        ("past", REASON, (N_PAST_NAMED,)),
        ("past_rest", "<f8"),
        ("skills", REASON, (N_SKILLS_NAMED,)),
        ("skills_rest", "<f8"),
    ]
)


def pack(items):
    """Bytes of an ITEM array of shape (n,), best first."""
    return FORMAT + items.tobytes()


def unpack(packed):
    """The read-only ITEM array (n,) behind the bytes of `pack`; None where they are of another format."""
    packed = bytes(packed)
    if not packed.startswith(FORMAT) or (len(packed) - len(FORMAT)) % ITEM.itemsize:
        return None
    return np.frombuffer(packed, dtype=ITEM, offset=len(FORMAT))
