"""Every transaction of the interface that the portal answers, by its number (交易编号)."""
