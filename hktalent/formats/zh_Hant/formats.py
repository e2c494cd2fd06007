"""Thousands have a comma in Hong Kong; Django's own format has none."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
