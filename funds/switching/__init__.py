"""改用科目表: from which year on a book prints its accounts by another chart, decided by two."""
