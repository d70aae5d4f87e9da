"""The county's rule, payment methods, money in advance, deposits given back: four kinds of one
page, on which one proposes and another decides."""

from functools import partial

from claims.clearing import money
from claims.clearing.forms import MethodForm, PrepaymentForm, ReturnForm, RuleForm
from claims.clearing.listings import METHODS, PREPAYMENTS, RETURNS, RULES
from claims.clearing.workflow import METHODS as METHOD_WAY
from claims.clearing.workflow import PREPAYMENTS as PREPAYMENT_WAY
from claims.clearing.workflow import RETURNS as RETURN_WAY
from claims.clearing.workflow import RULES as RULE_WAY
from desk.decision_pages import DecisionPages

_pages = partial(
    DecisionPages,
    "claims",
    template="claims/clearing/decision.html",
    entry=lambda form: form.entry(),
)
RULE = _pages(
    "clearing_rules", "clearing_rule", RULES, form=RuleForm, way=RULE_WAY,
    propose=money.propose_rule, asks="claims.propose_rules",
)  # fmt: skip
METHOD = _pages(
    "payment_methods", "payment_method", METHODS, form=MethodForm, way=METHOD_WAY,
    propose=money.propose_method, decide=money.decide_method, asks="claims.propose_rules",
)  # fmt: skip
PREPAYMENT = _pages(
    "prepayments", "prepayment", PREPAYMENTS, form=PrepaymentForm, way=PREPAYMENT_WAY,
    propose=money.propose_prepayment, decide=money.decide_prepayment,
    asks="claims.propose_prepayment",
)  # fmt: skip
RETURN = _pages(
    "deposit_returns", "deposit_return", RETURNS, form=ReturnForm, way=RETURN_WAY,
    propose=money.propose_return, decide=money.decide_return,
    asks="claims.propose_deposit_return",
)  # fmt: skip
