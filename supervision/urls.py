"""Routes of the room."""

from django.urls import path

from desk.listing import list_routes
from supervision import papers, views
from supervision.listings import ALERT_LIST, NOTICES

app_name = "supervision"

urlpatterns = [
    *list_routes("", ALERT_LIST, "alerts"),
    path("<int:pk>", views.alert, name="alert"),
    path("<int:pk>/handle", views.handle, name="handle"),
    path("<int:pk>/release", views.release, name="release"),
    path("<int:pk>/recover", views.recover_money, name="recover"),
    path("denials/<int:pk>", views.deny, name="deny"),
    *list_routes("notices", NOTICES, "notices"),
    *papers.ROUTES,
]
