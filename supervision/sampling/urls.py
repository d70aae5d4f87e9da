"""Routes of the samples, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from supervision.sampling import papers, views
from supervision.sampling.listings import FULL_CHECK_LIST, RATE_LIST, SAMPLE_LIST

urlpatterns = [
    *list_routes("samples", SAMPLE_LIST, "samples"),
    *list_routes("samples/quarters", FULL_CHECK_LIST, "full_checks"),
    path("samples/<int:pk>", views.sample, name="sample"),
    path("samples/<int:pk>/list", views.take_list, name="sample_list"),
    path("samples/items/<int:pk>", views.item, name="sample_item"),
    path("samples/items/<int:pk>/check", views.check, name="check_sample_item"),
    path("samples/items/<int:pk>/reopen", views.reopen, name="reopen_sample_item"),
    *list_routes("samples/rates", RATE_LIST, "sampling_rates"),
    path("samples/rates/new", views.new_rate, name="new_sampling_rate"),
    path("samples/rates/<int:pk>", views.rate, name="sampling_rate"),
    path("samples/rates/<int:pk>/<slug:event>", views.decide_rate, name="decide_sampling_rate"),
    *papers.ROUTES,
    path("samples/<int:pk>/<slug:event>", views.act, name="act_sample"),
]
