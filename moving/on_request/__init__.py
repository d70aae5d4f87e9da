"""个人信息查阅: what the portal holds about one person, for who asks for it."""
