"""Skills and roles, open to everybody."""

from rest_framework.permissions import AllowAny
from rest_framework.viewsets import ReadOnlyModelViewSet

from recommender.api.serializers.vocabulary import RoleSerializer, SkillSerializer
from recommender.skills.models import Skill
from recommender.workforce.models import Role


class SkillViewSet(ReadOnlyModelViewSet):
    permission_classes = [AllowAny]
    lookup_field = "slug"
    queryset = Skill.objects.all()
    serializer_class = SkillSerializer
    filterset_fields = ["discipline", "framework"]


class RoleViewSet(ReadOnlyModelViewSet):
    permission_classes = [AllowAny]
    lookup_field = "slug"
    queryset = Role.objects.prefetch_related("sectors", "skills_needed__skill")
    serializer_class = RoleSerializer
