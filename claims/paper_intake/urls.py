"""Routes of the papers of a claim, inside those of the room."""

from django.urls import path

from claims.paper_intake import views

urlpatterns = [
    path("", views.papers, name="papers"),
    path("note", views.note, name="papers_note"),
    path("scans", views.add, name="scan_add"),
    path("scans/<int:number>", views.page, name="scan"),
    path("scans/<int:number>/small", views.thumbnail, name="scan_small"),
    path("scans/<int:number>/<slug:what>", views.change, name="scan_change"),
]
