"""Routes of a book's charts, inside those of the room."""

from django.urls import path

from funds.switching import papers, views

urlpatterns = [
    path("charts", views.charts, name="charts"),
    path("charts/propose", views.propose, name="propose_chart"),
    *papers.ROUTES,
    path("charts/<int:pk>/<slug:event>", views.chart_act, name="chart_act"),
]
