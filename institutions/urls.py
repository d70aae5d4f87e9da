"""Routes of the room."""

from django.urls import path

from institutions import views

app_name = "institutions"

urlpatterns = [
    path("", views.list_institutions, name="list"),
    path("catalogue", views.catalogue, name="catalogue"),
]
