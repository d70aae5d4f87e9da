"""What was done to keep the county's data: each backup, copy of the keys and check, for ever."""

from django.db import models


class KeepingNote(models.Model):
    """One act at the server, told on the page of the deployment's health."""

    class Kind(models.TextChoices):
        BACKUP = "backup", "备份"
        KEYS = "keys", "密钥备份"
        CHECK = "check", "恢复核验"
        RESTORE = "restore", "恢复"
        EXPORT = "export", "整县导出"
        IMPORT = "import", "整县导入"

    kind = models.CharField("事项", max_length=10, choices=Kind.choices)
    name = models.CharField("备份名称", max_length=100)
    began_at = models.DateTimeField("开始时间", db_index=True)
    seconds = models.DecimalField("用时（秒）", max_digits=10, decimal_places=1)
    size = models.BigIntegerField("字节数", default=0)
    is_good = models.BooleanField("是否成功")
    told = models.CharField("结果", max_length=500, blank=True)
    keys = models.CharField("密钥标记", max_length=16, blank=True)

    class Meta:
        verbose_name = "备份记录"
        ordering = ["-began_at", "-pk"]
