"""Routes of the room."""

from django.urls import path

from supervision import views

app_name = "supervision"

urlpatterns = [
    path("", views.alerts, name="alerts"),
    path("<int:pk>", views.alert, name="alert"),
    path("<int:pk>/handle", views.handle, name="handle"),
    path("notices", views.notices, name="notices"),
    path("notices/<str:village>/<str:month>", views.notice, name="notice"),
]
