"""Which courses a caller may name."""

from recommender.catalogue.models import Course

# Closed ones too: people look them up, and finish what they began. Drafts are nobody's business yet.
NAMEABLE = Course.objects.exclude(status=Course.Status.DRAFT)
