"""The levels of the Hong Kong Qualifications Framework in words."""

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
