"""A farmer with a pencil: works a settlement out anew from the sentences on its sheet alone.

``work_out(total, steps)`` is given the total of the bill and the told steps (their codes say only
which kind of sentence it is).  Every number is either one of the measures, the bill or what was
used before, which the sentence introduces, or must come out of the numbers told before it; the
first that does not is an ``AssertionError`` with the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lib.money import half_up, to_fen
from policies.terms import Step

Y = r"(\d+\.\d\d)元"
P = r"(\d+(?:\.\d+)?)%"
POINTS = r"(\d+(?:\.\d+)?)个百分点"
WHOLE = 10_000


def fen(text: str) -> int:
    return to_fen(text)


def share(text: str) -> int:
    """52.5 → 5250, in 1/10000."""
    units, _, rest = text.partition(".")
    return int(units) * 100 + int((rest or "0").ljust(2, "0"))


def amounts(text: str) -> list[int]:
    return [fen(each) for each in re.findall(Y, text)]


@dataclass
class Worked:
    """What the sheet says, as far as it has been read; ``layers`` in their order of paying."""

    total: int
    fund: int = 0
    personal: int = 0
    cash: int = 0
    institution: int = 0
    layers: list[int] = field(default_factory=list)


class Pencil:
    def __init__(self, total: int, steps: Sequence[Step]) -> None:
        self.worked = Worked(total)
        self.steps = steps
        self.at = 0
        self.outside = self.over = self.first = self.spent = 0
        self.billed = 0  # borne by the institution for what the bill has, not for a package
        self.refused = False
        self.told_scope: int | None = None
        self.outside_paid = 0
        self.layer_outside = False
        self.begin()

    def begin(self) -> None:
        """The base layer, or the next one."""
        self.now: int | None = None  # what the next rule starts from
        self.paying = False  # it is a payment by now
        self.fees = self.fee_scope = 0
        self.required: int | None = None
        self.unborne = self.deductible = self.payable = 0
        self.points = 0
        self.unreferred: tuple[str, int] | None = None
        self.unreduced = 0
        self.earlier = 0
        self.extra = self.borne_before = 0
        self.days: tuple[int, int] | None = None

    # -- what is known -------------------------------------------------------------------------

    @property
    def in_scope(self) -> int:
        return self.worked.total - self.outside - self.over - self.first

    @property
    def unpaid(self) -> int:
        return max(0, self.worked.total - self.worked.institution - self.worked.fund - self.fees)

    def start(self, amount: int) -> None:
        """A rule of the layer starts from ``amount``; the base layer's first from the scope less
        what is paid beside it."""
        if self.now is None:
            beside = sum(
                amounts(step.sentence)[0] for step in self.steps[self.at :] if step.code == "stream"
            )
            self.now = self.in_scope - self.fee_scope - beside
        assert self.now == amount, (self.now, amount)

    def close(self) -> None:
        """The layer has paid what it pays."""
        assert self.paying or not self.now, "an amount is left without a ratio"
        paid = (self.now or 0) + self.fees
        self.worked.layers.append(paid)
        self.worked.fund += paid
        if self.layer_outside:
            self.outside_paid += paid
        self.layer_outside = False
        self.begin()

    def read(self) -> Worked:
        for at, step in enumerate(self.steps):
            self.at = at
            of_bonus = step.code in {"class_bonus", "class_bonus_most"}
            outside = step.code.startswith("class_") and not of_bonus
            code = "outside" if outside else step.code
            try:
                getattr(self, f"_{code}")(step.sentence)
            except (AssertionError, TypeError, IndexError) as error:
                told = "\n".join(each.sentence for each in self.steps)
                raise AssertionError(
                    f"{step.code}: {step.sentence}\n{error}\n--\n{told}"
                ) from error
        return self.worked

    # -- the bill ------------------------------------------------------------------------------

    def _year(self, said: str) -> None:
        assert "年度" in said

    def _observation(self, said: str) -> None:
        stay, watch, total = amounts(said)
        assert stay + watch == total == self.worked.total

    def _refusal(self, said: str) -> None:
        assert "不予支付" in said
        self.refused = True

    def _layer_none(self, said: str) -> None:
        assert "不支付" in said

    def _over_limit(self, said: str) -> None:
        (over,) = amounts(said)[:1]
        self.over += over

    def _first_self_pay(self, said: str) -> None:
        within, rest = re.search(rf"{Y}，(.*)", said).groups()
        first = self._first(fen(within), rest)
        left = re.search(rf"其余{Y}进入报销范围", rest)
        assert fen(within) - first == (fen(left[1]) if left else 0)
        self.first += first

    def _first(self, within: int, said: str) -> int:
        if billed := re.match(rf"按票据所列先自付{Y}", said):
            return fen(billed[1])
        own = re.match(rf"(?:其中{Y})?逐项先自付{Y}", said)
        by_class = re.search(rf"(?:{Y})?先自付{P}(?:（.*?）)?即{Y}", said)
        lines, first = (fen(own[1] or "0.00"), fen(own[2])) if own else (0, 0)
        if by_class:
            shared = fen(by_class[1]) if by_class[1] else within
            assert half_up(shared * share(by_class[2]), WHOLE) == fen(by_class[3])
            assert not own or shared + lines == within
            first += fen(by_class[3])
        if summed := re.search(rf"合计先自付{Y}", said):
            assert first == fen(summed[1])
        return first

    def _outside(self, said: str) -> None:
        assert "全部由个人" not in said
        amount = amounts(said)[0]
        self.outside += amount
        if "由医疗机构负担" in said:
            self.worked.institution += amount
            self.billed += amount

    def _consent_limit(self, said: str) -> None:
        own, total = (
            fen(each) for each in re.search(rf"目录外费用{Y}超过总费用{Y}", said).groups()
        )
        part, allowed, excess = re.search(rf"的{P}(?:（.*?）)?即{Y}，超出{Y}", said).groups()
        assert (own, total) == (self.outside - self.worked.institution, self.worked.total)
        assert half_up(total * share(part), WHOLE) == fen(allowed)
        assert own - fen(allowed) == fen(excess)
        if "由医疗机构负担" in said:
            self.worked.institution += fen(excess)
            self.billed += fen(excess)

    def _in_scope(self, said: str) -> None:
        total, *less, scope = amounts(said)
        assert total == self.worked.total and total - sum(less) == scope == self.in_scope
        self.told_scope = scope

    # -- before the ratio ----------------------------------------------------------------------

    def _fee(self, said: str) -> None:
        scope, most, paid = re.search(rf"{Y}，最多支付{Y}(?:（.*?）)?，基金支付{Y}", said).groups()
        assert fen(paid) == min(fen(scope), fen(most))
        self.fee_scope += fen(scope)
        self.fees += fen(paid)

    def _days_limit(self, said: str) -> None:
        pattern = rf"最多(\d+)天，此前已计(\d+)天，还可计(\d+)天，本次(\d+)天，{Y}按(\d+)天计入{Y}"
        most, used, left, days, base, counted, result = re.search(pattern, said).groups()
        self.start(fen(base))
        assert int(left) == max(0, int(most) - int(used)) and int(counted) == min(
            int(left), int(days)
        )
        assert half_up(fen(base) * int(counted), int(days)) == fen(result)
        self.now = fen(result)

    def _unreferred_self_pay(self, said: str) -> None:
        base, part, first, left = re.search(rf"{Y}先自付{P}即{Y}，余{Y}", said).groups()
        self.start(fen(base))
        assert half_up(fen(base) * share(part), WHOLE) == fen(first)
        assert fen(base) - fen(first) == fen(left)
        self.now = fen(left)

    def _change(self, said: str, before: str, after: str) -> None:
        assert self.required in {None, fen(before)}
        self.required = fen(after)

    def _deductible_share(self, said: str) -> None:
        name, base, part, by_share = re.search(
            rf"起付线按(总费用|可报费用){Y}的{P}为{Y}", said
        ).groups()
        if name == "总费用":
            assert fen(base) == self.worked.total
        else:
            self.start(fen(base))
        required = half_up(fen(base) * share(part), WHOLE)
        assert required == fen(by_share)
        for bound in re.findall(rf"，(最低|最高|不低于){Y}", said):
            required = (min if bound[0] == "最高" else max)(required, fen(bound[1]))
        assert required == fen(re.search(rf"起付线为{Y}", said)[1])
        self.required = required

    def _deductible_change(self, said: str) -> None:
        before, after = re.search(rf"起付线由{Y}变为{Y}", said).groups()
        least = re.search(rf"最低{Y}", said)
        floor = min(fen(before), fen(least[1])) if least else 0
        if factor := re.search(rf"（乘以{P}", said):
            changed = half_up(fen(before) * share(factor[1]), WHOLE)
            assert max(changed, floor) == fen(after)
        elif per := re.search(rf"此前(\d+)次，每次减{Y}", said):
            assert max(fen(before) - int(per[1]) * fen(per[2]), floor) == fen(after)
        elif less := re.search(rf"（减{Y}", said):
            assert max(fen(before) - fen(less[1]), floor) == fen(after)
        self._change(said, before, after)

    def _deductible_credit(self, said: str) -> None:
        prior, before, after = amounts(said)[:3]
        assert max(before - prior, 0) == after
        assert self.required in {None, before}
        self.required = after

    _deductible_paid = _deductible_credit

    def _deductible_ceiling(self, said: str) -> None:
        limit, used, before, after = amounts(said)[:4]
        assert min(before, max(limit - used, 0)) == after
        assert self.required in {None, before}
        self.required = after

    def _deductible(self, said: str) -> None:
        pattern = rf"起付线{Y}(?:（.*?）)?，(?:此前累计中已扣{Y}，本次)?从{Y}中扣除{Y}，余{Y}"
        required, before, base, taken, left = re.search(pattern, said).groups()
        assert self.required in {None, fen(required)}
        self.required = fen(required)
        self.start(fen(base))
        self.borne_before = fen(before) if before else 0
        assert self.borne_before == min(self.earlier, self.required)
        assert fen(taken) == min(fen(base), self.required - self.borne_before)
        assert fen(base) - fen(taken) == fen(left)
        self.unborne = self.required - fen(taken)
        self.deductible = fen(taken)
        self.now = fen(left)

    # -- the ratio -----------------------------------------------------------------------------

    def _bonus(self, said: str) -> None:
        given = share(re.search(POINTS, said)[1])
        if "几项不叠加" not in said:
            self.points += given
        elif "高于前项，改为" in said:
            assert given > self.points
            self.points = given
        else:
            assert given <= self.points

    def _unreferred(self, said: str) -> None:
        form, value = re.search(r"报销比例(减|乘以)(\d+(?:\.\d+)?)", said).groups()
        assert ("个百分点" in said) == (form == "减")
        self.unreferred = (form, share(value))

    def _pieces(self, said: str) -> tuple[int, int, int]:
        """(sum of the amounts, payment, payment at the ratios before they are reduced)."""
        whole = paid = unreduced = 0
        for amount, used, why in re.findall(rf"{Y}按{P}((?:（(?:[^（）]|（[^（）]*）)*）)?)", said):
            ratio = share(used)
            whole += fen(amount)
            paid += fen(amount) * ratio
            unreduced += fen(amount) * self._unreduced(ratio, why)
        return whole, half_up(paid, WHOLE), half_up(unreduced, WHOLE)

    def _unreduced(self, used: int, why: str) -> int:
        """Check the sum that makes a ratio; the ratio before it is reduced."""
        ratio = used
        if added := re.search(rf"{P}加{POINTS}(?:，以{P}为限)?", why):
            assert share(added[2]) == self.points
            ratio = share(added[1]) + share(added[2])
            assert ratio <= WHOLE or added[3]
            if added[3]:
                assert share(added[3]) < ratio
                ratio = share(added[3])
        elif full := re.search(rf"{P}，加点以{P}为限，不再加", why):
            assert share(full[1]) >= share(full[2])
            ratio = share(full[1])
        else:
            assert not self.points, "points are told and not added"
            if reduced := re.search(rf"{P}，(?:减|乘以)", why):
                ratio = share(reduced[1])
        less = re.search(r"，(减|乘以)(\d+(?:\.\d+)?)(?:%|个百分点)", why)
        told = (less[1], share(less[2])) if less else None
        assert told == self.unreferred
        if told is None:
            assert ratio == used
        elif told[0] == "减":
            assert max(ratio - told[1], 0) == used
        else:
            assert half_up(ratio * told[1], WHOLE) == used
        return ratio

    def _ratio(self, said: str) -> None:
        now, rest = said.split("计算，为", 1)
        payable = self.now
        if "本次" not in rest:
            whole, paid, self.unreduced = self._pieces(now)
            self.start(whole)
            assert fen(re.match(Y, rest)[1]) == paid
        else:
            whole, due, unreduced = self._pieces(now)
            before = re.search(rf"减去此前累计(.*)计算的{Y}，本次{Y}", rest)
            points, lost = self.points, self.unreferred
            self.points, self.unreferred = 0, None
            earlier, gone, _ = self._pieces(before[1])
            self.points, self.unreferred = points, lost
            self.start(whole - earlier)
            assert fen(re.match(Y, rest)[1]) == due and fen(before[2]) == gone
            paid = fen(before[3])
            assert paid == max(due - gone, 0)
            self.unreduced = unreduced
        self.payable = whole if payable is None else payable
        self.now, self.paying = paid, True

    def _unreferred_lost(self, said: str) -> None:
        due, lost = amounts(said)[:2]
        assert due - lost == self.now and lost > 0
        assert self.earlier or due == self.unreduced

    def _class_bonus(self, said: str) -> None:
        amount, extra = re.search(rf"{Y}另加.*即{Y}", said).groups()
        used = share(re.search(rf"另加{POINTS}", said)[1])
        if original := re.search(rf"（原{POINTS}，比例已到上限）", said):
            assert share(original[1]) > used
        assert half_up(fen(amount) * used, WHOLE) == fen(extra)
        self.extra += fen(extra)
        self.now += fen(extra)

    def _class_bonus_most(self, said: str) -> None:
        extra, most = amounts(said)[:2]
        assert extra == self.extra > most
        self.now += most - extra

    def _stream(self, said: str) -> None:
        pattern = rf"{Y}另行计算，(?:扣除起付线未扣完的{Y}，)?按{P}(?:（.*?）)?为{Y}"
        amount, taken, part, paid = re.search(pattern, said).groups()
        borne = fen(taken) if taken else 0
        assert borne in {0, min(fen(amount), self.unborne)}
        assert half_up((fen(amount) - borne) * share(part), WHOLE) == fen(paid)
        self.unborne -= borne
        self.deductible += borne
        if not self.paying:
            assert not self.now
        self.now, self.paying = (self.now or 0) + fen(paid), True

    # -- the payment ---------------------------------------------------------------------------

    def _floor(self, said: str) -> None:
        before, raised = re.search(rf"{Y}，按.*，提高到{Y}", said).groups()
        assert fen(before) == (self.now or 0) < fen(raised)
        if by_share := re.search(rf"按(\D+){Y}的{P}(?:（.*?）)?保底", said):
            name, base, part = by_share.groups()
            known = {
                "总费用": self.worked.total,
                "可报费用": self.in_scope,
                "起付线以上费用": self.payable,
                "总费用减起付线后": max(0, self.worked.total - self.deductible),
            }
            assert fen(base) == known[name]
            assert half_up(fen(base) * share(part), WHOLE) == fen(raised)
        else:
            least = fen(re.search(rf"按{Y}保底", said)[1])
            bound = re.search(rf"以尚未支付的{Y}为限", said)
            assert min(least, fen(bound[1]) if bound else least) == fen(raised)
        self.now, self.paying = fen(raised), True

    def _rounding(self, said: str) -> None:
        before, unit, way, after = re.search(rf"{Y}按(元|角)取整（(.*?)），为{Y}", said).groups()
        size = {"元": 100, "角": 10}[unit]
        more = {"舍去尾数": 0, "四舍五入": size // 2, "进一": size - 1}[way]
        assert fen(before) == self.now
        assert fen(after) == (fen(before) + more) // size * size or (
            fen(after) == fen(before) // size * size  # again after a cap
        )
        self.now = fen(after)

    def _most(self, said: str) -> None:
        before, name, most = re.search(rf"{Y}，以(\D+?){Y}为限", said).groups()
        assert fen(before) == self.now > fen(most)
        if name == "尚未支付的":
            assert fen(most) == self.unpaid
        self.now = fen(most)

    def _cap(self, said: str) -> None:
        before, room, last = re.search(rf"^{Y}超过\D*?{Y}.*，以{Y}为限", said).groups()
        if not self.paying:
            self.start(fen(before))
        assert fen(before) == self.now and fen(room) == fen(last) < fen(before)
        used = re.search(rf"限额{Y}.*此前已(?:报销|计入){Y}", said)
        limit = fen(used[1]) if used else fen(room)
        if used:
            assert fen(room) == max(0, limit - fen(used[2]))
        self._limit(said, limit)
        self.now = fen(room)

    def _limit(self, said: str, limit: int) -> None:
        """Check the sum that makes a limit."""
        if days := re.search(rf"每天{Y}，(\d+)天共{Y}", said):
            assert fen(days[1]) * int(days[2]) == fen(days[3]) == limit
            limit = fen(days[1])
        more = re.findall(rf"加{Y}", said.split("加本次", maxsplit=1)[0])
        most = re.search(rf"最多加{P}即{Y}", said)
        if more:
            base = fen(re.search(rf"[（，]{Y}，[^（）]*?加\d", said)[1])
            added = sum(fen(each) for each in more)
            if most:
                assert half_up(base * share(most[1]), WHOLE) == fen(most[2])
                added = fen(most[2])
            assert base + added == limit, (base, added, limit)

    def _cap_left(self, said: str) -> None:
        pattern = rf"此前已(?:报销|计入){Y}，加本次{Y}为{Y}，还剩{Y}"
        used, added, summed, left = (fen(each) for each in re.search(pattern, said).groups())
        limit = amounts(said)[0]
        assert used + added == summed and limit - summed == left
        self._limit(said, limit)
        if "此前已报销" in said:
            assert added == self.now

    def _flat(self, said: str) -> None:
        granted, spent, bounded, paid = re.search(
            rf"(?:定额|限额){Y}.*?，(?:实际{Y}，)?(以计入的费用为限，)?支付{Y}", said
        ).groups()
        if spent:
            known = {self.worked.total, self.in_scope} if self.now is None else {self.now}
            assert fen(spent) in known
            assert fen(paid) == min(fen(granted), fen(spent))
        elif bounded:
            assert fen(paid) == self.now < fen(granted)
        else:
            assert granted == paid
        if times := re.search(rf"每(?:天|个婴儿){Y}，(\d+)(?:天|个婴儿)共{Y}", said):
            assert fen(times[1]) * int(times[2]) == fen(times[3])
        if less := re.search(rf"{Y}减去此前的{Y}", said):
            assert max(0, fen(less[1]) - fen(less[2])) == fen(granted)
        self.now, self.paying = fen(paid), True

    def _package(self, said: str) -> None:
        price = fen(re.search(rf"定额{Y}", said)[1])
        counted, part, paid = re.search(rf"{Y}按{P}(?:（.*?）)?计算，基金支付{Y}", said).groups()
        if days := re.search(rf"每天{Y}，(\d+)天", said):
            assert fen(days[1]) * int(days[2]) == price
        assert fen(counted) == min(price, self.worked.total)
        assert half_up(fen(counted) * share(part), WHOLE) == fen(paid)
        if excess := re.search(rf"超出定额的{Y}由医疗机构负担(?:，其中前面已列{Y})?", said):
            already = fen(excess[2]) if excess[2] else 0
            assert fen(excess[1]) == self.worked.total - fen(counted)
            assert already == min(self.worked.institution, fen(excess[1]))
            self.worked.institution += fen(excess[1]) - already
        self.now, self.paying = fen(paid), True

    def _wallet(self, said: str) -> None:
        balance, paid, left = amounts(said)[:3]
        assert balance - paid == left and paid == (self.now or 0)

    # -- further layers ------------------------------------------------------------------------

    def _layer_base(self, said: str) -> None:
        self.close()
        name, counted = re.search(rf"：(\D+){Y}", said).groups()
        known = {
            "个人尚需负担": self.unpaid,
            "可报费用": self.in_scope,
            "可报费用加先自付的": self.in_scope + self.first,
            "不在报销范围和超过限价的": self.outside + self.over,
        }
        assert fen(counted) == max(0, known[name])
        self.layer_outside = name.startswith("不在")
        gone = re.search(rf"减去已支付的{Y}", said)
        if gone:
            paid = self.outside_paid
            assert fen(gone[1]) == (paid if self.layer_outside else self.worked.fund - paid)
        hospital = re.search(rf"减去由医疗机构负担的{Y}", said)
        assert (fen(hospital[1]) if hospital else 0) == (self.billed if self.layer_outside else 0)
        base = fen(counted) - sum(fen(each[1]) for each in (gone, hospital) if each)
        if bound := re.search(rf"以尚未支付的{Y}为限", said):
            assert fen(bound[1]) == self.unpaid < base
            base = fen(bound[1])
        assert base == fen(re.search(rf"计入{Y}", said)[1])
        self.now = base

    def _left_out(self, said: str) -> None:
        *less, base, left = amounts(said)
        assert base == self.now and max(0, base - sum(less)) == left
        self.now = left

    def _accumulated(self, said: str) -> None:
        earlier, base, summed = amounts(said)[:3]
        assert base == self.now and earlier + base == summed
        self.earlier = earlier

    def _top_up(self, said: str) -> None:
        self.close()
        name, base, part, due, paid = re.search(
            rf"应达到(\D+){Y}的{P}(?:（.*?）)?即{Y}，已支付{Y}", said
        ).groups()
        known = {
            "总费用": self.worked.total,
            "可报费用": self.in_scope,
            "可报费用加先自付共": self.in_scope + self.first,
        }
        assert fen(base) == known[name] and fen(paid) == self.worked.fund
        assert half_up(fen(base) * share(part), WHOLE) == fen(due)
        missing = fen(due) - fen(paid)
        if bound := re.search(rf"以尚未支付的{Y}为限", said):
            assert fen(bound[1]) == self.unpaid < missing
            missing = fen(bound[1])
        assert missing == fen(re.search(rf"补足{Y}", said)[1])
        self.now, self.paying = missing, True

    def _account(self, said: str) -> None:
        balance, taken, left = amounts(said)[:3]
        assert balance - taken == left
        self.spent += taken

    _credit = _account

    def _cash(self, said: str) -> None:
        self.close()
        worked = self.worked
        short = worked.total - self.in_scope
        assert self.refused or (self.told_scope is not None) == (short > 0)
        total, fund = re.search(rf"总费用{Y}，基金支付{Y}", said).groups()
        assert (fen(total), fen(fund)) == (worked.total, worked.fund)
        if layers := re.search(rf"基金支付{Y}（(.*?)），", said):
            assert amounts(layers[2]) == [each for each in worked.layers if each]
        hospital = re.search(rf"医疗机构负担{Y}", said)
        assert (fen(hospital[1]) if hospital else 0) == worked.institution
        beyond = re.search(rf"补助超过费用的{Y}付给个人", said)
        grant = fen(beyond[1]) if beyond else 0
        worked.personal = fen(re.search(rf"个人负担{Y}", said)[1])
        assert worked.personal == worked.total - worked.fund - worked.institution + grant
        cash = re.search(rf"现金{Y}", said)
        worked.cash = fen(cash[1]) if cash else 0
        assert worked.cash == worked.personal - self.spent


def work_out(total: int, steps: Sequence[Step]) -> Worked:
    """The settlement as its sheet tells it, worked out anew (fen)."""
    return Pencil(total, steps).read()
