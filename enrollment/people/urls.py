"""Routes of changes, under enrollment/changes/."""

from django.urls import path

from enrollment.people import views

urlpatterns = [
    path("<int:pk>/history", views.history, name="change_history"),
    path("<int:pk>/undo/<int:event>", views.undo, name="change_undo"),
    path("<int:pk>/birth", views.birth, name="change_birth"),
    path("<int:pk>/arrival", views.arrival, name="change_arrival"),
    path("<int:pk>/death", views.death, name="change_death"),
    path("<int:pk>/departure", views.departure, name="change_departure"),
    path("<int:pk>/return", views.come_back, name="change_return"),
    path("<int:pk>/transfer", views.transfer, name="change_transfer"),
    path("<int:pk>/number", views.number, name="change_number"),
    path("<int:pk>/split", views.split, name="change_split"),
    path("<int:pk>/merge", views.merge, name="change_merge"),
    path("<int:pk>/move", views.move, name="change_move"),
]
