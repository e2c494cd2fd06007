"""A learner's list as bytes: one structured array, little-endian, so that 100,000 lists load in seconds.

Each item holds a course, its score, where it came from, and the reasons whose shares, with `rest`, add up
to the score.
"""

import numpy as np
from django.db import models
from django.utils.translation import gettext_lazy as _

N_REASONS = 3


class Source(models.IntegerChoices):
    """The link of the fallback chain that put a course on a list."""

    MODEL = 1, _("What learners like you took next")
    GOAL = 2, _("Skills for your target role")
    SECTOR = 3, _("Popular in your sector")
    POPULAR = 4, _("Popular with everybody")


REASON = np.dtype([("subject", "<u4"), ("share", "<f4")])
ITEM = np.dtype(
    [
        ("course", "<u4"),
        ("score", "<f4"),
        ("source", "u1"),
        # Past courses where the source is MODEL, skills where it is GOAL; subject 0 is an empty slot.
        ("reasons", REASON, (N_REASONS,)),
        ("rest", "<f4"),
    ]
)


def pack(items):
    """Bytes of an ITEM array of shape (n,), best first."""
    return items.tobytes()


def unpack(packed):
    """The read-only ITEM array of shape (n,) behind the bytes of `pack`."""
    return np.frombuffer(bytes(packed), dtype=ITEM)
