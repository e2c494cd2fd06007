"""The catalogue's filter by skill: too many to offer all, so those that most of the courses teach."""

import numpy as np
from django.core.validators import slug_re

from recommender.catalogue.taught import skills_taught
from recommender.skills.models import Skill

N_SKILLS = 12


class SkillFacet:
    """Skills of the courses with these ids.

    Parameters
    ----------
    ids : int64 ndarray (n_courses,)
    slugs : list of str, of the skills that are chosen; those that do not exist are ignored
    """

    def __init__(self, ids, slugs):
        slugs = [slug for slug in slugs if slug_re.match(slug)]
        self.chosen = list(Skill.objects.filter(slug__in=slugs)) if slugs else []
        self.n_courses = ids.size
        courses, skills = skills_taught().T
        order = np.argsort(ids)
        places = np.searchsorted(ids, courses, sorter=order)
        is_found = places < ids.size
        is_found[is_found] = ids[order[places[is_found]]] == courses[is_found]
        self.places = order[places[is_found]]
        self.skills = skills[is_found]

    def members(self, skills):
        """{slug: bool ndarray (n_courses,) of the courses that teach it}."""
        return {skill.slug: self._teaching(skill) for skill in skills}

    def offered(self, left):
        """The skills that most of the courses left teach, and the chosen ones; `left` is such a mask."""
        counts = np.bincount(self.skills[left[self.places]])
        most = np.argsort(-counts, kind="stable")[:N_SKILLS]
        most = most[counts[most] > 0].tolist()
        skills = Skill.objects.in_bulk(most)
        more = [skill for skill in self.chosen if skill.pk not in skills]
        return [skills[pk] for pk in most if pk in skills] + more

    def _teaching(self, skill):
        mask = np.zeros(self.n_courses, dtype=bool)
        mask[self.places[self.skills == skill.pk]] = True
        return mask
