"""Routes of reviews of alerts, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from supervision.reviewing import views
from supervision.reviewing.listings import REVIEW_LIST

urlpatterns = [
    *list_routes("reviews", REVIEW_LIST, "reviews"),
    path("reviews/<int:pk>", views.review, name="review"),
    path("reviews/<int:pk>/appeal", views.appeal, name="review_appeal"),
    path("reviews/<int:pk>/serve", views.serve, name="review_serve"),
    path("reviews/<int:pk>/<slug:event>", views.step, name="review_step"),
]
