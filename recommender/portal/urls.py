from django.urls import path

from recommender.portal import (
    about,
    actions,
    catalogue,
    claiming,
    for_you,
    learning,
    pathway,
    profile,
    roles,
    skills,
)

app_name = "portal"
urlpatterns = [
    path("", about.front, name="front"),
    path("privacy/", about.privacy, name="privacy"),
    path("accessibility/", about.accessibility, name="accessibility"),
    path("how-recommendations-are-made/", about.recommendations, name="about_recommendations"),
    path("courses-for-you/", for_you.courses_for_you, name="courses_for_you"),
    path("courses/", catalogue.courses, name="catalogue"),
    path("courses/<int:pk>/", catalogue.course, name="course"),
    path("courses/<int:pk>/enrolment/", actions.enrol, name="enrol"),
    path("courses/<int:pk>/enrolment/remove/", actions.remove, name="remove"),
    path("courses/<int:pk>/dismissal/", actions.dismiss, name="dismiss"),
    path("courses/<int:pk>/dismissal/undo/", actions.undo_dismissal, name="undo_dismissal"),
    path("roles/", roles.roles, name="roles"),
    path("roles/<slug:slug>/", roles.role, name="role"),
    path("roles/<slug:slug>/target/", actions.aim_at, name="aim_at"),
    path("skills/<slug:slug>/", skills.skill, name="skill"),
    path("my-learning/", learning.my_learning, name="learning"),
    path("my-pathway/", pathway.my_pathway, name="my_pathway"),
    path("my-pathway/save/", pathway.save, name="save_pathway"),
    path("my-pathway/<slug:slug>/drop/", pathway.drop, name="drop_pathway"),
    path("profile/", profile.profile, name="profile"),
    path("profile/skills/", actions.hold_skill, name="hold_skill"),
    path("profile/skills/<int:pk>/remove/", actions.forget_skill, name="forget_skill"),
    path("profile/claims/", actions.add_claim, name="add_claim"),
    path("profile/claims/<int:pk>/remove/", actions.remove_claim, name="remove_claim"),
    path("profile/profiling/", actions.decide_profiling, name="decide_profiling"),
    path("claim/<str:token>/", claiming.claim, name="claim"),
]
