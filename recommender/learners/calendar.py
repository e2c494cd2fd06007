"""A saved pathway as an iCalendar file (RFC 5545), for the calendar of a phone or a desk."""

from datetime import UTC, timedelta

from django.utils.translation import gettext as _

CONTENT_TYPE = "text/calendar; charset=utf-8"
MOST_OCTETS = 75
ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\r": "", "\n": "\\n"})


def calendar_of(pathway, address_of, *, host, now):
    """The text of the calendar: an all-day event for each course, from its first day to its last.

    Parameters
    ----------
    pathway : SavedPathway
    address_of : gives the address of a course
    host : of the site, a part of the name of each event
    now : aware datetime
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//HK Talent//Pathway//EN",
        f"X-WR-CALNAME:{escaped(_('Pathway to %(role)s') % {'role': pathway.role.name})}",
    ]
    for step in pathway.steps.select_related("course__provider", "offering").order_by("position"):
        lines += event_of(step, pathway, address_of(step.course), host, now)
    return "".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def file_name(pathway):
    return f"pathway-{pathway.pk}.ics"


def event_of(step, pathway, address, host, now):
    """The lines of one course. Its UID stays, so that a second file replaces what the first one added.

    Also when the pathway to a role was planned anew meanwhile.
    """
    about = [str(step.course.provider.name), address]
    if step.offering and step.offering.is_synthetic:
        about.insert(0, _("Synthetic sample date"))
    return [
        "BEGIN:VEVENT",
        f"UID:pathway-{pathway.learner_id}-{pathway.role.slug}-course-{step.course_id}@{host}",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{step.starts_on:%Y%m%d}",
        # The end is the first day after it (RFC 5545, 3.6.1).
        f"DTEND;VALUE=DATE:{step.ends_on + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(step.course.title)}",
        "DESCRIPTION:" + escaped("\n".join(about)),
        f"URL:{address}",
        # A course leaves room for other things in its days.
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def escaped(text):
    """A value of type TEXT (RFC 5545, 3.3.11)."""
    return str(text).translate(ESCAPES)


def folded(line):
    """A content line in pieces of at most 75 octets, no character cut in two (RFC 5545, 3.1)."""
    pieces, piece, size = [], "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > MOST_OCTETS:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + character, size + octets
    return "\r\n".join([*pieces, piece])
