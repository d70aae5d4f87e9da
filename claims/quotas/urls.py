"""Routes of the townships' quotas, inside those of the room."""

from django.urls import path

from claims.quotas import views

urlpatterns = [
    path("", views.quotas, name="quotas"),
    path("allot", views.allot, name="allot"),
    path("<int:pk>/<slug:event>", views.act, name="allotment_act"),
]
