"""Routes of the room."""

from django.urls import path

from desk.listing import list_routes
from supervision import papers, views
from supervision.extracts.urls import urlpatterns as extracts
from supervision.listings import ALERT_LIST, DENIAL_LIST, NOTICES

urlpatterns = [
    *list_routes("", ALERT_LIST, "alerts"),
    path("<int:pk>", views.alert, name="alert"),
    path("<int:pk>/handle", views.handle, name="handle"),
    path("<int:pk>/release", views.release, name="release"),
    path("<int:pk>/recover", views.recover_money, name="recover"),
    path("denials/<int:pk>", views.deny, name="deny"),
    *list_routes("visits", DENIAL_LIST, "denials"),
    path("visits/<int:pk>", views.denial, name="denial"),
    path("visits/<int:pk>/deny", views.deny_visit, name="deny_visit"),
    path("visits/<int:pk>/<slug:event>", views.handle_denial, name="handle_denial"),
    *list_routes("notices", NOTICES, "notices"),
    *extracts,
    *papers.ROUTES,
]
