"""Routes of rosters, under enrollment/."""

from django.urls import path

from enrollment.rosters import views

urlpatterns = [
    *views.REGISTER_PAGES.routes(),
    path("registers/template", views.template, name="register_template"),
]
