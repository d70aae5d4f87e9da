"""Routes of the second compensation, inside those of the room."""

from django.urls import path

from claims.second import papers, views
from claims.second.listings import RUNS
from claims.second.models import SecondOrders, SecondRun
from desk.jobs import progress_route
from desk.listing import list_routes

urlpatterns = [
    *list_routes("", RUNS, "seconds"),
    path("try", views.try_out, name="second_try"),
    path("<int:pk>", views.run, name="second"),
    path("<int:pk>/propose", views.propose, name="second_propose"),
    path("<int:pk>/withdraw", views.withdraw, name="second_withdraw"),
    progress_route("<int:pk>/status", SecondRun, "claims.view_second", name="second_status"),
    progress_route(
        "orders/<int:pk>/status", SecondOrders, "claims.view_second", name="second_orders_status"
    ),
    *papers.ROUTES,
    path("<int:pk>/<slug:event>", views.decide, name="second_act"),
]
