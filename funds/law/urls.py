"""Routes of what is worked out from the measures, inside those of the room."""

from django.urls import path

from funds.law import views

urlpatterns = [
    path("reserves", views.reserves, name="reserves"),
    path("reserves/<slug:event>", views.make, name="make_by_law"),
]
