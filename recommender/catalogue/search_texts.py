"""Texts in the form in which they are searched.

Case, accents, full-width letters and the two Chinese scripts do not differ in it. Chinese is written without
spaces, so that a run of it is one word here.
"""

import re
import unicodedata

from opencc import OpenCC

TO_SIMPLIFIED = OpenCC("t2s")
CHINESE = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Runs of Chinese characters, and of letters and digits: "c++" and "c#" are words.
WORDS = re.compile(rf"[{CHINESE}]+|[^\W{CHINESE}_]+[+#]*")
CHINESE_CHARACTER = re.compile(rf"[{CHINESE}]")


def normalised(text):
    """The words of a text, with a space before and after each; nothing where there is no word."""
    text = text.replace("\0", " ").casefold()
    words = WORDS.findall(text if text.isascii() else _without_variants(text))
    return f" {' '.join(words)} " if words else ""


def _without_variants(text):
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return TO_SIMPLIFIED.convert(plain)


def is_chinese(word):
    return CHINESE_CHARACTER.match(word) is not None
