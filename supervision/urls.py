"""Routes of the room."""

from django.urls import path

from supervision import papers, views

app_name = "supervision"

urlpatterns = [
    path("", views.alerts, name="alerts"),
    path("<int:pk>", views.alert, name="alert"),
    path("<int:pk>/handle", views.handle, name="handle"),
    path("notices", views.notices, name="notices"),
    *papers.ROUTES,
]
