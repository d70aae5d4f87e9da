"""Routes of the room."""

from django.urls import path

from policies import views

app_name = "policies"

urlpatterns = [
    path("", views.list_packs, name="list"),
    path("propose", views.propose, name="propose"),
    path("<int:pk>", views.show, name="show"),
    path("<int:pk>/adopt", views.adopt, name="adopt"),
]
