"""Routes of the register, under enrollment/."""

from django.urls import path

from enrollment.people.views import changes, register

urlpatterns = [
    path("households/<int:pk>/edit", register.household_edit, name="household_edit"),
    path("people/<int:pk>/edit", register.person_edit, name="person_edit"),
    path("changes/<int:pk>/history", changes.history, name="change_history"),
    path("changes/<int:pk>/undo/<int:event>", changes.undo, name="change_undo"),
    path("changes/<int:pk>/birth", changes.birth, name="change_birth"),
    path("changes/<int:pk>/arrival", changes.arrival, name="change_arrival"),
    path("changes/<int:pk>/death", changes.death, name="change_death"),
    path("changes/<int:pk>/departure", changes.departure, name="change_departure"),
    path("changes/<int:pk>/return", changes.come_back, name="change_return"),
    path("changes/<int:pk>/transfer", changes.transfer, name="change_transfer"),
    path("changes/<int:pk>/number", changes.number, name="change_number"),
    path("changes/<int:pk>/split", changes.split, name="change_split"),
    path("changes/<int:pk>/merge", changes.merge, name="change_merge"),
    path("changes/<int:pk>/move", changes.move, name="change_move"),
]
