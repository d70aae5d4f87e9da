"""Routes of the what-if, inside those of the room."""

from django.urls import path

from reports.whatif import views

urlpatterns = [
    path("", views.list_simulations, name="whatif_list"),
    path("request", views.request_simulation, name="whatif_request"),
    path("<int:pk>", views.show, name="whatif_show"),
    path("<int:pk>/status", views.status, name="whatif_status"),
    path("<int:pk>/export", views.export, name="whatif_export"),
]
