from django.urls import path

from recommender.portal import about, actions, catalogue, claiming, for_you, learning, my_gap, profile, why

app_name = "portal"
urlpatterns = [
    path("", about.front, name="front"),
    path("privacy/", about.privacy, name="privacy"),
    path("accessibility/", about.accessibility, name="accessibility"),
    path("how-recommendations-are-made/", about.recommendations, name="about_recommendations"),
    path("courses-for-you/", for_you.courses_for_you, name="courses_for_you"),
    path("courses-for-you/why-not/", why.why_not, name="why_not"),
    path("courses/", catalogue.courses, name="catalogue"),
    path("courses/<int:pk>/", catalogue.course, name="course"),
    path("courses/<int:pk>/why/", why.why_course, name="why_course"),
    path("courses/<int:pk>/enrolment/", actions.enrol, name="enrol"),
    path("courses/<int:pk>/enrolment/remove/", actions.remove, name="remove"),
    path("courses/<int:pk>/dismissal/", actions.dismiss, name="dismiss"),
    path("courses/<int:pk>/dismissal/undo/", actions.undo_dismissal, name="undo_dismissal"),
    path("my-gap/", my_gap.my_gap, name="my_gap"),
    path("my-learning/", learning.my_learning, name="learning"),
    path("profile/", profile.profile, name="profile"),
    path("profile/skills/", actions.hold_skill, name="hold_skill"),
    path("profile/skills/<int:pk>/remove/", actions.forget_skill, name="forget_skill"),
    path("profile/profiling/", actions.decide_profiling, name="decide_profiling"),
    path("claim/<str:token>/", claiming.claim, name="claim"),
]
