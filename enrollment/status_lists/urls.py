"""Routes of status lists, under enrollment/."""

from django.urls import path

from enrollment.status_lists import views

urlpatterns = [
    *views.LIST_PAGES.routes(),
    path("lists/identities", views.identity_table, name="list_identities"),
    path("lists/<int:pk>/release", views.release, name="list_release"),
]
