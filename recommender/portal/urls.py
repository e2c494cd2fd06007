from django.urls import path

from recommender.portal import (
    about,
    actions,
    advice,
    catalogue,
    claiming,
    digest,
    for_you,
    learning,
    my_data,
    profile,
)

app_name = "portal"
urlpatterns = [
    path("", about.front, name="front"),
    path("privacy/", about.privacy, name="privacy"),
    path("privacy/inventory/", about.inventory, name="inventory"),
    path("contact/", about.contact, name="contact"),
    path("accessibility/", about.accessibility, name="accessibility"),
    path("how-recommendations-are-made/", about.recommendations, name="about_recommendations"),
    path("courses-for-you/", for_you.courses_for_you, name="courses_for_you"),
    path("courses/", catalogue.courses, name="catalogue"),
    path("courses/<int:pk>/", catalogue.course, name="course"),
    path("courses/<int:pk>/enrolment/", actions.enrol, name="enrol"),
    path("courses/<int:pk>/enrolment/remove/", actions.remove, name="remove"),
    path("courses/<int:pk>/dismissal/", actions.dismiss, name="dismiss"),
    path("courses/<int:pk>/dismissal/undo/", actions.undo_dismissal, name="undo_dismissal"),
    path("my-learning/", learning.my_learning, name="learning"),
    path("profile/", profile.profile, name="profile"),
    path("profile/skills/", actions.hold_skill, name="hold_skill"),
    path("profile/skills/<int:pk>/remove/", actions.forget_skill, name="forget_skill"),
    path("my-data/", my_data.my_data, name="my_data"),
    path("my-data/export/", my_data.export, name="export"),
    path("my-data/consents/<slug:purpose>/", actions.decide, name="decide"),
    path("my-data/erase/", my_data.erase, name="erase"),
    path("erased/", my_data.erased, name="erased"),
    path("ask-an-adviser/", advice.ask, name="ask"),
    path("monthly-e-mail/stop/<str:token>/", digest.stop, name="stop_digest"),
    path("claim/<str:token>/", claiming.claim, name="claim"),
]
