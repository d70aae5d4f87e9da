"""Routes of the FHIR service."""

from django.urls import path

from gateway.fhir import views

urlpatterns = [
    path("metadata", views.metadata, name="metadata"),
    path("StructureDefinition/<str:name>", views.structure, name="structure"),
    path("<str:kind>", views.search, name="search"),
    path("<str:kind>/<str:key>", views.read, name="read"),
    path("", views.nothing, name="root"),
    path("<path:rest>", views.nothing, name="nothing"),
]
