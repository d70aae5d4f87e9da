"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id with the first parameters that OWASP's Password Storage Cheat Sheet gives: 46 MiB,
    one pass, one lane.

    Django's own take 100 MiB in eight threads, three times as long on two cores: on an autumn
    morning a township's windows sign in within the same minute. Older hashes are read, and written
    anew at the next sign-in.
    """

    time_cost = 1
    memory_cost = 47_104  # KiB
    parallelism = 1
