"""What the makers of synthetic data share."""

import csv


def sample_codes(courses_file, *, online):
    """The codes of the sample's online or other courses, so that a partner's courses are left alone."""
    with open(courses_file, encoding="utf-8", newline="") as file:
        return [row["code"] for row in csv.DictReader(file) if (row["mode"] == "online") == online]
