"""Routes of lists, under enrollment/lists/."""

from django.urls import path

from enrollment.lists import views

urlpatterns = [
    path("", views.list_list, name="list_list"),
    path("upload", views.upload, name="list_upload"),
    path("identities", views.identity_table, name="list_identities"),
    path("<int:pk>", views.list_detail, name="list_detail"),
    path("<int:pk>/progress", views.progress, name="list_progress"),
    path("<int:pk>/release", views.release, name="list_release"),
    path("<int:pk>/confirm", views.confirm, name="list_confirm"),
    path("<int:pk>/again", views.again, name="list_again"),
    path("<int:pk>/discard", views.discard, name="list_discard"),
    path("<int:pk>/difference", views.difference, name="list_difference"),
]
