"""Numbers as people read them."""

from django.utils.formats import number_format


def rounded(number, decimals=0):
    """A number with so many decimals in the reader's format; Django's `number_format` alone cuts them off."""
    return number_format(round(number, decimals), decimals)
