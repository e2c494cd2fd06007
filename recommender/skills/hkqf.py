"""The levels of the Hong Kong Qualifications Framework in words, and what they say of a skill."""

from django.utils.translation import gettext_lazy as _

# https://www.hkqf.gov.hk: the award titles of each level.
AWARDS = {
    1: _("Level 1: certificate"),
    2: _("Level 2: certificate"),
    3: _("Level 3: diploma"),
    4: _("Level 4: associate degree or higher diploma"),
    5: _("Level 5: bachelor’s degree"),
    6: _("Level 6: master’s degree or postgraduate diploma"),
    7: _("Level 7: doctorate"),
}

# An assumption of ours, for where nobody says which level of a skill a course leads to.
LEVELS_REACHED = {4: 3, 5: 3, 6: 4, 7: 5}
LEVEL_REACHED_ELSE = 2


# An assumption of ours, for where nobody says what a course asks for: the award that usually comes before.
USUAL_ENTRY = {4: 3, 5: 3, 6: 5, 7: 6}


def usual_entry_level(hkqf_level):
    """The HKQF level that courses at a level (or None) usually ask for; None where nothing is usual."""
    return USUAL_ENTRY.get(hkqf_level)


def level_reached(hkqf_level):
    """The level of a skill that a course at an HKQF level (or None) is assumed to lead to."""
    return LEVELS_REACHED.get(hkqf_level, LEVEL_REACHED_ELSE)
