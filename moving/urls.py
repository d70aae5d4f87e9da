"""Routes of the room."""

from django.urls import path

from moving.keeping.pages import health
from moving.on_request import papers
from moving.on_request.pages import ask, one_person

urlpatterns = [
    path("health", health, name="health"),
    path("person", one_person, name="one_person"),
    path("person/<int:pk>/ask", ask, name="ask_about_person"),
    *papers.ROUTES,
]
