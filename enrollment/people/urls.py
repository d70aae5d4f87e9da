"""Routes of the register, under enrollment/."""

from django.urls import path

from desk.listing import list_routes
from enrollment.people.listings import SAME_PEOPLE
from enrollment.people.views import changes, register, same

urlpatterns = [
    *list_routes("same", SAME_PEOPLE, "same_people"),
    path("same/<int:pk>", same.same_person, name="same_person"),
    path("same/<int:pk>/undo", same.same_undo, name="same_undo"),
    path("same/<int:pk>/<slug:event>", same.same_act, name="same_act"),
    path("people/<int:pk>/same", same.same_find, name="same_find"),
    path("people/<int:pk>/same/<int:other>", same.same_new, name="same_new"),
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
