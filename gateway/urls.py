"""Pages of the room, and the address of the interface."""

from django.urls import path

from gateway import views

urlpatterns = [
    path("api/", views.take, name="call"),
    path("api/<str:infno>", views.take, name="take"),
]
