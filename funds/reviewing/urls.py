"""Routes of the review, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from funds.reviewing import views
from funds.reviewing.listings import REVIEWS

urlpatterns = [
    *list_routes("reviews", REVIEWS, "reviews", page=views.reviews),
    path("reviews/take", views.review_ticked, name="review_ticked"),
    path("reviews/doubt", views.doubt_ticked, name="doubt_ticked"),
    path("reviews/all", views.review_all, name="review_all"),
    path("reviews/<int:pk>", views.review, name="review"),
    path("reviews/<int:pk>/<slug:event>", views.review_act, name="review_act"),
]
