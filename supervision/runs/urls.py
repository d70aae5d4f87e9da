"""Routes of the rules and their runs, inside those of the room."""

from django.urls import path

from supervision.runs import views

urlpatterns = [
    path("rules", views.rules, name="rules"),
    path("rules/run", views.run, name="run_month"),
]
