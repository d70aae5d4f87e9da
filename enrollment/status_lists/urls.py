"""Routes of status lists, under enrollment/."""

from django.urls import path

from enrollment.status_lists import views

urlpatterns = [
    path("lists/", views.list_list, name="list_list"),
    path("lists/upload", views.upload, name="list_upload"),
    path("lists/identities", views.identity_table, name="list_identities"),
    path("lists/<int:pk>", views.list_detail, name="list_detail"),
    path("lists/<int:pk>/progress", views.progress, name="list_progress"),
    path("lists/<int:pk>/release", views.release, name="list_release"),
    path("lists/<int:pk>/confirm", views.confirm, name="list_confirm"),
    path("lists/<int:pk>/again", views.again, name="list_again"),
    path("lists/<int:pk>/discard", views.discard, name="list_discard"),
    path("lists/<int:pk>/difference", views.difference, name="list_difference"),
]
