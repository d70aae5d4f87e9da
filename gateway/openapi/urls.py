"""Routes of what programs may ask."""

from django.urls import path

from gateway.openapi import views

urlpatterns = [
    path("openapi", views.listing, name="openapi"),
    path("openapi.json", views.as_json, name="openapi_json"),
    path("openapi/<slug:name>", views.operation, name="openapi_operation"),
]
