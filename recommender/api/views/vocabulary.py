"""Skills and roles with their shortage, open to everybody."""

import numpy as np
from django.db.models import Prefetch
from django.utils.functional import SimpleLazyObject
from rest_framework.permissions import AllowAny
from rest_framework.viewsets import ReadOnlyModelViewSet

from recommender.api.serializers.vocabulary import (
    RoleInPeriodsSerializer,
    RoleSerializer,
    SkillSerializer,
)
from recommender.skills.models import Skill
from recommender.workforce.models import Demand, Role, RoleSkill
from recommender.workforce.shortage import role_shortages, skill_shortages


class ShortageContext:
    """Mixed into a view set: its serializer finds shortages by id, read when the first one is asked for."""

    def get_serializer_context(self):
        return {**super().get_serializer_context(), "shortages": SimpleLazyObject(self.shortages)}


def shortages_of_needed_skills():
    """{id: shortage} of the skills that some role needs; nothing of those whose shortage is unknown."""
    needed = RoleSkill.objects.order_by().values_list("skill", flat=True).distinct()
    ids = np.array(list(needed), dtype=np.int64)
    found = zip(ids.tolist(), skill_shortages(ids).share.tolist(), strict=True)
    return {skill: shortage for skill, shortage in found if not np.isnan(shortage)}


class SkillViewSet(ShortageContext, ReadOnlyModelViewSet):
    permission_classes = [AllowAny]
    lookup_field = "slug"
    queryset = Skill.objects.all()
    serializer_class = SkillSerializer
    filterset_fields = ["discipline", "framework"]
    shortages = staticmethod(shortages_of_needed_skills)


class RoleViewSet(ShortageContext, ReadOnlyModelViewSet):
    permission_classes = [AllowAny]
    lookup_field = "slug"
    queryset = Role.objects.prefetch_related(
        "sectors",
        "skills_needed__skill",
        Prefetch(
            "demand",
            Demand.objects.filter(measure=Demand.Measure.COUNTED_POSTINGS).select_related("sector"),
            to_attr="postings",
        ),
    )
    shortages = staticmethod(role_shortages)

    def get_serializer_class(self):
        return RoleInPeriodsSerializer if self.action == "retrieve" else RoleSerializer
