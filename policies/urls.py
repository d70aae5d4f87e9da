"""Routes of the room."""

from django.urls import path

from desk.listing import list_routes
from policies import views
from policies.listings import PACK_LIST

urlpatterns = [
    *list_routes("", PACK_LIST, "list", page=views.list_packs),
    path("propose", views.propose, name="propose"),
    path("<int:pk>", views.show, name="show"),
    path("<int:pk>/adopt", views.adopt, name="adopt"),
    path("<int:pk>/refuse", views.refuse, name="refuse"),
    path("<int:pk>/trials/<int:trial>/sign", views.sign, name="sign"),
    path("<int:pk>/draft", views.begin_draft, name="begin_draft"),
    path("drafts/<int:pk>", views.draft, name="draft"),
    path("drafts/<int:pk>/check", views.check_draft, name="check_draft"),
    path("drafts/<int:pk>/discard", views.discard, name="discard"),
]
