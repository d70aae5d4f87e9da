"""Routes of what is put up in public, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from supervision.photo_pages import photo_routes
from supervision.public import leaflet, views
from supervision.public.listings import CONTACT_LIST, PUBLIC_LIST
from supervision.public.models import PostingPhoto
from supervision.public.papers import ROUTES
from supervision.public.posted import OBJECTION_LIST, POSTED_LIST

urlpatterns = [
    *list_routes("public", PUBLIC_LIST, "public"),
    *list_routes("public/contacts", CONTACT_LIST, "contacts"),
    path("public/contacts/<str:code>", views.contact, name="contact"),
    *list_routes("posted", POSTED_LIST, "posted"),
    *photo_routes("posted/photos", PostingPhoto, views.VIEW, "posting_photo"),
    path("posted/<int:pk>", views.posted_one, name="posted_one"),
    path("posted/<int:pk>/up", views.put_up, name="put_up"),
    path("posted/<int:pk>/photos", views.prove, name="prove_posting"),
    path("posted/<int:pk>/down", views.take_down, name="take_down"),
    path("posted/<int:pk>/skip", views.skip, name="skip_notice"),
    path("posted/<int:pk>/void", views.void, name="void_posting"),
    path("posted/<int:pk>/object", views.object_to, name="object_to"),
    *list_routes("objections", OBJECTION_LIST, "objections"),
    path("objections/<int:pk>", views.objection, name="objection"),
    path("objections/<int:pk>/who", views.reveal, name="objection_who"),
    path("objections/<int:pk>/<slug:event>", views.step, name="objection_step"),
    *ROUTES,
    *leaflet.ROUTES,
]
