"""Pages of the room, and the address of the interface."""

from django.urls import include, path

from gateway import views

urlpatterns = [
    path("api/", views.take, name="call"),
    path("api/<str:infno>", views.take, name="take"),
    path("", include("gateway.clients.urls")),
    path("", include("gateway.acceptance.urls")),
    path("", include("gateway.openapi.urls")),
]
