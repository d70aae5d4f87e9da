"""Routes of complaints, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from supervision.complaints import views
from supervision.complaints.listings import COMPLAINT_LIST

urlpatterns = [
    *list_routes("complaints", COMPLAINT_LIST, "complaints"),
    path("complaints/new", views.new, name="complaint_new"),
    path("complaints/rewards/<int:pk>/<slug:event>", views.decide, name="reward_act"),
    path("complaints/<int:pk>", views.complaint, name="complaint"),
    path("complaints/<int:pk>/who", views.reveal, name="complaint_who"),
    path("complaints/<int:pk>/clue", views.to_clue, name="complaint_clue"),
    path("complaints/<int:pk>/reward", views.reward, name="complaint_reward"),
    path("complaints/<int:pk>/<slug:event>", views.step, name="complaint_step"),
]
