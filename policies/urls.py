"""Routes of the room."""

from django.urls import path

from policies import views

app_name = "policies"

urlpatterns = [
    path("", views.list_packs, name="list"),
    path("propose", views.propose, name="propose"),
    path("<int:pk>", views.show, name="show"),
    path("<int:pk>/adopt", views.adopt, name="adopt"),
    path("<int:pk>/draft", views.begin_draft, name="begin_draft"),
    path("drafts/<int:pk>", views.draft, name="draft"),
    path("drafts/<int:pk>/check", views.check_draft, name="check_draft"),
    path("drafts/<int:pk>/discard", views.discard, name="discard"),
]
