"""Routes of reconciling, inside those of the room."""

from django.urls import path

from funds.reconciling import papers, views

urlpatterns = [
    path("reconciling", views.adjustments, name="adjustments"),
    *views.STATEMENT_PAGES.routes(),
    path("reconciling/<int:pk>/<str:month>", views.adjustment, name="adjustment"),
    path("reconciling/<int:pk>/<str:month>/balance", views.balance, name="adjustment_balance"),
    path("reconciling/<int:pk>/<str:month>/rule", views.match_rule, name="match_rule"),
    path("reconciling/<int:pk>/<str:month>/hand", views.match_hand, name="match_hand"),
    path("reconciling/<int:pk>/<str:month>/take", views.take, name="take_adjustment"),
    path("reconciling/matches/<int:pk>/undo", views.undo, name="undo_match"),
    path("reconciling/adjustments/<int:pk>/review", views.review, name="review_adjustment"),
    path("reconciling/adjustments/<int:pk>/return", views.send_back, name="return_adjustment"),
    *papers.ROUTES,
]
