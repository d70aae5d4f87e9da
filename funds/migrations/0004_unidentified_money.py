"""Money that nobody's enrolment explains yet is owed (暂收款) until somebody's does."""

from django.db import migrations, models

CODE, NAME = "2001-unidentified", "暂收款—待查款"


def add_account(apps, schema_editor):
    """Books that are open already get the account too; books are append-only, so it stays."""
    books = apps.get_model("funds", "Book").objects.filter(fund_type="resident", chart="2017")
    account = apps.get_model("funds", "Account")
    for book in books.exclude(accounts__code=CODE):
        account.objects.create(
            book=book, code=CODE, name=NAME, kind="liability", normal_side="credit"
        )


class Migration(migrations.Migration):
    dependencies = [
        ("funds", "0003_sponsors"),
    ]

    operations = [
        migrations.RunPython(add_account, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="voucher",
            name="event",
            field=models.CharField(
                choices=[
                    ("premium_collected", "收到个人缴费"),
                    ("premium_transferred", "保费由收入户划入财政专户"),
                    ("tax_premium_collected", "税务征收个人缴费入国库"),
                    ("tax_premium_transferred", "保费由国库划入财政专户"),
                    ("tax_suspended", "税务征收待查款入国库"),
                    ("suspense_cleared", "待查款转个人缴费"),
                    ("sponsor_received", "收到定向资助参保资金"),
                    ("sponsor_used", "定向资助资金代缴保费"),
                    ("sponsor_restored", "代缴保费退回定向资助资金"),
                    ("aid_premium_received", "收到资助参保资金"),
                    ("subsidy_received", "收到财政补助"),
                    ("expenditure_funded", "财政专户拨支出户"),
                    ("claim_paid", "支付待遇"),
                    ("claim_recovered", "追回本年待遇"),
                    ("prior_recovery", "追回以前年度待遇"),
                    ("other_received", "收到捐赠等其他收入"),
                    ("overspend_received", "收到超支分担款"),
                    ("premium_refunded", "退还本年保费"),
                    ("prior_premium_refunded", "退还以前年度保费"),
                    ("interest_received", "收到存款利息"),
                    ("reserve_drawn", "提取风险基金"),
                    ("reserve_used", "动用风险基金"),
                    ("income_closed", "年末收入结转"),
                    ("expense_closed", "年末支出结转"),
                    ("advance_recognised", "预收保费转为本年收入"),
                    ("surplus_reserved", "年终结余转入风险基金"),
                ],
                max_length=30,
                verbose_name="事项",
            ),
        ),
    ]
