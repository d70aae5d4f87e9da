"""银行存款余额调节表: statements of all bank accounts beside the books, what is under way."""
