"""Filters of lists that are of one book."""

from collections.abc import Callable

from django import forms

from desk.filters import FilterForm
from funds.models import Book


class BookFilter(FilterForm):
    """A list of one book; a child has the field `book`."""

    def offer_books(self, wanted: Callable[[Book], bool] | None = None) -> Book | None:
        """The book that is asked for, or the first (of those wanted, if there is one): there is
        nothing to choose where the user sees a single one. None where they see none."""
        books = Book.objects.of_user(self.user)
        self.choose("book", [(one.pk, str(one)) for one in books])
        if not books:
            return None
        asked = self.asked.get("book", "")
        book = next((one for one in books if str(one.pk) == asked), None)
        if book is None and wanted and len(books) > 1:
            book = next(filter(wanted, books), None)
        book = book or books[0]
        self.fields["book"].initial = str(book.pk)
        if len(books) == 1:
            self.fields["book"].widget = forms.HiddenInput()
        return book
