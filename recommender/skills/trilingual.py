"""Text kept in English, Traditional Chinese and Simplified Chinese, one plain column each.

A model declares `title_en`, `title_zh_hant`, `title_zh_hans` and `title = Trilingual()`. Reading `title`
gives the reader's language, or the nearest text there is, and says in which language that is, because a
page must mark foreign text with its language.
"""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# Readers of one Chinese script would rather have the other script than English.
NEAREST = {
    "en": ("en", "zh-hant", "zh-hans"),
    "zh-hant": ("zh-hant", "zh-hans", "en"),
    "zh-hans": ("zh-hans", "zh-hant", "en"),
}


class Localised(str):
    """A text that knows its language: `lang` is a code for HTML's `lang` attribute."""

    lang: str

    def __new__(cls, text, lang):
        localised = super().__new__(cls, text)
        localised.lang = lang
        return localised


class Trilingual:
    """Reads the column of the active language, or of the nearest language that has a text."""

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner):
        if instance is None:
            return self
        for language in NEAREST.get(get_language(), NEAREST["en"]):
            text = getattr(instance, f"{self.name}_{language.replace('-', '_')}")
            if text:
                return Localised(text, language)
        return Localised("", "en")


class Named(models.Model):
    """A thing with a short name in three languages, English always."""

    name_en = models.CharField(_("name in English"), max_length=200)
    name_zh_hant = models.CharField(_("name in Traditional Chinese"), max_length=200, blank=True)
    name_zh_hans = models.CharField(_("name in Simplified Chinese"), max_length=200, blank=True)
    name = Trilingual()

    class Meta:
        abstract = True

    def __str__(self):
        return str(self.name)
