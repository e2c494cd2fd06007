"""Addresses of the API, version 1."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from recommender.api.views import me, my_data, pathways
from recommender.api.views.catalogue import CODE_IN_ADDRESS, CourseViewSet, ProviderViewSet
from recommender.api.views.gap import GapView
from recommender.api.views.nowhere import NowhereView
from recommender.api.views.runs import RunViewSet
from recommender.api.views.vocabulary import RoleViewSet, SkillViewSet
from recommender.api.views.why import WhyView

router = SimpleRouter()
router.register("courses", CourseViewSet)
router.register("providers", ProviderViewSet)
router.register("skills", SkillViewSet)
router.register("roles", RoleViewSet)
router.register("runs", RunViewSet)

# Swagger UI's page holds a style element, and its script sets styles.
docs = csp_update({"style-src": [SELF, UNSAFE_INLINE]})(
    SpectacularSwaggerSplitView.as_view(url_name="api:schema")
)

app_name = "api"
urlpatterns = [
    path("", include(router.urls)),
    path("me/", me.ProfileView.as_view(), name="me"),
    path("me/export/", my_data.ExportView.as_view(), name="export"),
    path("me/consents/", my_data.ConsentsView.as_view(), name="consents"),
    path("me/consents/<str:purpose>/", my_data.ConsentView.as_view(), name="consent"),
    path("me/recommendations/", me.RecommendationsView.as_view(), name="recommendations"),
    path("me/gap/", GapView.as_view(), name="gap"),
    path("me/enrolments/", me.EnrolmentsView.as_view(), name="enrolments"),
    re_path(rf"^me/enrolments/(?P<code>{CODE_IN_ADDRESS})/$", me.EnrolmentView.as_view(), name="enrolment"),
    re_path(rf"^me/costs/(?P<code>{CODE_IN_ADDRESS})/$", me.CostView.as_view(), name="cost"),
    path("me/subsidy-claims/", me.SubsidyClaimsView.as_view(), name="subsidy_claims"),
    path("me/subsidy-claims/<int:pk>/", me.SubsidyClaimView.as_view(), name="subsidy_claim"),
    path("me/pathways/", pathways.PathwaysView.as_view(), name="pathways"),
    path("me/saved-pathways/", pathways.SavedPathwaysView.as_view(), name="saved_pathways"),
    path("me/saved-pathways/<slug:slug>/", pathways.SavedPathwayView.as_view(), name="saved_pathway"),
    path(
        "me/saved-pathways/<slug:slug>/calendar/",
        pathways.SavedPathwayCalendarView.as_view(),
        name="saved_pathway_calendar",
    ),
    path("me/events/", me.EventsView.as_view(), name="events"),
    re_path(rf"^me/courses/(?P<code>{CODE_IN_ADDRESS})/why/$", WhyView.as_view(), name="why"),
    re_path(rf"^me/dismissals/(?P<code>{CODE_IN_ADDRESS})/$", me.DismissalView.as_view(), name="dismissal"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    path("<path:nowhere>/", NowhereView.as_view()),
]
