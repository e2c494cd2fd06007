"""The eighteen districts of Hong Kong."""

from django.db import models
from django.utils.translation import pgettext_lazy


class District(models.TextChoices):
    CENTRAL_AND_WESTERN = (
        "central_and_western",
        pgettext_lazy("district of Hong Kong", "Central and Western"),
    )
    EASTERN = "eastern", pgettext_lazy("district of Hong Kong", "Eastern")
    SOUTHERN = "southern", pgettext_lazy("district of Hong Kong", "Southern")
    WAN_CHAI = "wan_chai", pgettext_lazy("district of Hong Kong", "Wan Chai")
    KOWLOON_CITY = "kowloon_city", pgettext_lazy("district of Hong Kong", "Kowloon City")
    KWUN_TONG = "kwun_tong", pgettext_lazy("district of Hong Kong", "Kwun Tong")
    SHAM_SHUI_PO = "sham_shui_po", pgettext_lazy("district of Hong Kong", "Sham Shui Po")
    WONG_TAI_SIN = "wong_tai_sin", pgettext_lazy("district of Hong Kong", "Wong Tai Sin")
    YAU_TSIM_MONG = "yau_tsim_mong", pgettext_lazy("district of Hong Kong", "Yau Tsim Mong")
    ISLANDS = "islands", pgettext_lazy("district of Hong Kong", "Islands")
    KWAI_TSING = "kwai_tsing", pgettext_lazy("district of Hong Kong", "Kwai Tsing")
    NORTH = "north", pgettext_lazy("district of Hong Kong", "North")
    SAI_KUNG = "sai_kung", pgettext_lazy("district of Hong Kong", "Sai Kung")
    SHA_TIN = "sha_tin", pgettext_lazy("district of Hong Kong", "Sha Tin")
    TAI_PO = "tai_po", pgettext_lazy("district of Hong Kong", "Tai Po")
    TSUEN_WAN = "tsuen_wan", pgettext_lazy("district of Hong Kong", "Tsuen Wan")
    TUEN_MUN = "tuen_mun", pgettext_lazy("district of Hong Kong", "Tuen Mun")
    YUEN_LONG = "yuen_long", pgettext_lazy("district of Hong Kong", "Yuen Long")


def is_a_district():
    """The condition that a column `district` holds one of them, or nothing."""
    return models.Q(district__in=["", *District.values])
