"""The words that open the copy of the keys: asked at the terminal, or given by the environment to
what runs unattended."""

import os
from getpass import getpass

from accounts.errors import Refusal

VARIABLE = "HEZUO_BACKUP_WORDS"


def asked_words() -> str:
    """Raises Refusal where nobody answers."""
    return os.environ.get(VARIABLE) or _answer("密钥文件的口令：")


def new_words() -> str:
    """Asked twice. Raises Refusal."""
    if given := os.environ.get(VARIABLE):
        return given
    words = _answer("给密钥文件定一个口令（至少 12 个字符）：")
    if _answer("再输一遍：") != words:
        raise Refusal("两次输入的口令不同，请重新运行")
    return words


def _answer(question: str) -> str:
    try:
        return getpass(question)
    except EOFError:
        raise Refusal(f"没有人回答：请在终端里运行，或用环境变量 {VARIABLE} 给出口令") from None
