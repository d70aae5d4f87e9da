"""Routes of the room."""

from django.urls import path

from desk.listing import list_routes
from funds import papers, views
from funds.budget.urls import urlpatterns as budget
from funds.closing.urls import urlpatterns as closing
from funds.drafts.urls import urlpatterns as drafts
from funds.handing_out.urls import urlpatterns as exports
from funds.law.urls import urlpatterns as law
from funds.ledgers.urls import urlpatterns as ledgers
from funds.listings import VOUCHERS
from funds.opening.urls import urlpatterns as opening
from funds.payments.urls import urlpatterns as payments
from funds.plans.urls import urlpatterns as plans
from funds.reconciling.urls import urlpatterns as reconciling
from funds.reviewing.urls import urlpatterns as reviewing
from funds.switching.urls import urlpatterns as charts

urlpatterns = [
    *list_routes("", VOUCHERS, "vouchers", page=views.vouchers),
    *papers.ROUTES,
    *payments,
    *drafts,
    *law,
    *ledgers,
    *exports,
    *closing,
    *reconciling,
    *reviewing,
    *plans,
    *budget,
    *charts,
    *opening,
    path("vouchers/<int:pk>/reverse", views.reverse_one, name="reverse"),
    path("accounts", views.accounts, name="accounts"),
    path("periods", views.periods, name="periods"),
    path("periods/<int:pk>/close", views.close, name="close"),
    path("post", views.post, name="post"),
    path("books/open", views.open_book, name="open_book"),
    path("books/<int:pk>/month", views.export_month, name="export_month"),
]
