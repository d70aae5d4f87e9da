"""Routes of the payments, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from funds.payments import views
from funds.payments.listings import BATCHES_LIST, ORDERS_LIST, OWED, QUEUE

urlpatterns = [
    *list_routes("payments", QUEUE, "payment_queue", page=views.queue),
    path("payments/make", views.make, name="make_batch"),
    path("payments/tried", views.tried, name="batch_tried"),
    *list_routes("payments/orders", ORDERS_LIST, "payment_orders"),
    *list_routes("payments/owed", OWED, "payments_owed", page=views.owed_list),
    path("payments/orders/<int:pk>", views.order, name="payment_order"),
    path("payments/orders/<int:pk>/correct", views.correct, name="correct_payee"),
    path("payments/orders/<int:pk>/confirm", views.confirm, name="confirm_payee"),
    path("payments/notes/<int:pk>/confirm", views.confirm_return, name="confirm_return"),
    path("payments/notes/<int:pk>/refuse", views.refuse_return, name="refuse_return"),
    path("payments/orders/<int:pk>/give-up", views.ask_give_up, name="ask_give_up"),
    path("payments/orders/<int:pk>/give-up/agree", views.give_up, name="give_up"),
    path("payments/orders/<int:pk>/give-up/refuse", views.refuse_give_up, name="refuse_give_up"),
    path("payments/orders/<int:pk>/refuse", views.refuse, name="refuse_payee"),
    *list_routes("payments/batches", BATCHES_LIST, "payment_batches"),
    path("payments/batches/<int:pk>", views.batch, name="payment_batch"),
    path("payments/batches/<int:pk>/release", views.release, name="release_batch"),
    path("payments/batches/<int:pk>/discard", views.discard, name="discard_batch"),
    path("payments/batches/<int:pk>/file", views.bank_file, name="bank_file"),
    path("payments/transfers/<int:pk>/out", views.take_out, name="take_out"),
    path("payments/transfers/<int:pk>/returned", views.came_back, name="came_back"),
    *views.RETURN_PAGES.routes(),
]
