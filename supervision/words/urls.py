"""Routes of words of parties, inside those of the room: each beside what it is about."""

from django.urls import path

from supervision.photo_pages import photo_routes
from supervision.words import papers, views
from supervision.words.models import WordScan

urlpatterns = [
    path("reviews/<int:pk>/word", views.of_review, name="review_word"),
    path("inspections/orders/<int:pk>/word", views.of_order, name="order_word"),
    path("cases/<int:pk>/word", views.of_case, name="case_word"),
    *photo_routes("words/scans", WordScan, "supervision.view_words", "word_scan", noted=True),
    *papers.ROUTES,
]
