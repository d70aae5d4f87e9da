"""Routes of the budget, inside those of the room."""

from django.urls import path

from funds.budget import views

urlpatterns = [
    path("budget", views.budget, name="budget"),
    path("budget/propose", views.propose, name="propose_budget"),
    path("budget/upload", views.upload, name="upload_budget"),
    path("budget/template", views.template, name="budget_template"),
    path("budget/<int:pk>/<slug:event>", views.budget_act, name="budget_act"),
]
