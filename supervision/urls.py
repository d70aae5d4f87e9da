"""Routes of the room."""

from django.urls import path

from desk.listing import list_routes
from supervision import papers, views
from supervision.assessment.urls import urlpatterns as assessments
from supervision.cases.urls import urlpatterns as cases
from supervision.complaints.urls import urlpatterns as complaints
from supervision.extracts.urls import urlpatterns as extracts
from supervision.inspections.urls import urlpatterns as inspections
from supervision.library.urls import urlpatterns as library
from supervision.listings import ALERT_LIST, DENIAL_LIST, NOTICES
from supervision.profiles.urls import ROUTES as PROFILES
from supervision.public.urls import urlpatterns as public
from supervision.publicity.urls import urlpatterns as publicity
from supervision.reviewing.urls import urlpatterns as reviews
from supervision.runs.urls import urlpatterns as runs
from supervision.sampling.urls import urlpatterns as samples
from supervision.thresholds.urls import urlpatterns as thresholds
from supervision.words.urls import urlpatterns as words

urlpatterns = [
    *list_routes("", ALERT_LIST, "alerts"),
    path("<int:pk>", views.alert, name="alert"),
    path("<int:pk>/handle", views.handle, name="handle"),
    path("<int:pk>/split", views.split, name="split_alert"),
    path("<int:pk>/release", views.release, name="release"),
    path("<int:pk>/recover", views.recover_money, name="recover"),
    path("denials/<int:pk>", views.deny, name="deny"),
    *list_routes("visits", DENIAL_LIST, "denials"),
    path("visits/<int:pk>", views.denial, name="denial"),
    path("visits/<int:pk>/deny", views.deny_visit, name="deny_visit"),
    path("visits/<int:pk>/<slug:event>", views.handle_denial, name="handle_denial"),
    *list_routes("notices", NOTICES, "notices"),
    *public,
    *publicity,
    *words,
    *cases,
    *complaints,
    *reviews,
    *extracts,
    *runs,
    *thresholds,
    *samples,
    *library,
    *assessments,
    *PROFILES,
    *inspections,
    *papers.ROUTES,
]
