"""For each rule the statement that leaves what it has to be asked about.

Each reads `screening_now` (a row for each settlement of the run: `NOW`), the sets that several
share (`SHARED`) and the county's thresholds, and gives settlements of the run. Of a pair or a group
it leaves all that are of the run, so that rules see who is new. Conditions are those of the rule or
wider ones: amounts in yuan, quantities in units.
"""

from collections.abc import Mapping

# A row for each settlement of the run; `place`: what rules compare institutions by; `prices`: the
# level by whose prescriptions it is judged, where the measures say another than the institution's.
NOW = """
SELECT s.id AS settlement, s.visit_id AS visit, s.part, s.pack_id AS pack,
    left(d.code, {village}) AS village, v.person_id AS person, v.institution_id AS institution,
    v.institution_name AS name, coalesce(v.institution_id::text, v.institution_name) AS place,
    v.care, v.level, coalesce(nullif(v.price_level, ''), v.level) AS prices, v.bed,
    v.counts_as_stay AS stay, v.starts, v.ends,
    coalesce(nullif(v.diagnosis_code, ''), v.diagnosis) AS diagnosis, s.total_amount AS total,
    s.full_self_pay_amount AS off, s.fund_amount AS fund, v.source = 'paper' AS paper, p.sex,
    p.birth_date AS born
FROM ({rows}) r (id)
JOIN claims_settlement s ON s.id = r.id
JOIN claims_visit v ON v.id = s.visit_id
JOIN enrollment_person p ON p.id = v.person_id
JOIN accounts_division d ON d.id = s.division_id
"""

# `lines`: bills of the run; `bills`: what of each is compared with a bound; `beds`: all days in bed
# of these persons; `near`: all that share village and first day; `far`: all of the hospitals
# elsewhere that the run names; `alike`: equal lines of these, counted; `codes`: what the bills hold
# of the rule library, by the national code, also where an institution's own code may mean it;
# `others`: all claims; `said`: what the measures say for a care and a level, by which the visits of
# the run were judged.
SHARED: Mapping[str, str] = {
    "lines": """
SELECT n.settlement, n.stay, n.bed, n.starts, n.ends, n.institution, b.item_code, b.own_code,
    b.item_name, b.item_id, b.category, b.quantity, b.amount, b.limit_amount, b.charged_on,
    b.supply_days
FROM screening_now n JOIN claims_billline b ON b.visit_id = n.visit AND b.part = n.part
WHERE b.is_live""",
    "bills": """
SELECT l.settlement,
    count(DISTINCT CASE WHEN l.category = %(herbs)s THEN '' ELSE '.' || l.item_name END)
        FILTER (WHERE l.category = ANY (%(drugs)s)) AS drugs,
    count(DISTINCT l.item_name) FILTER (WHERE i.is_antibiotic) AS antibiotics,
    max(l.supply_days) FILTER (WHERE l.category = ANY (%(drugs)s)) AS days,
    sum(l.amount) FILTER (WHERE l.category <> ALL (%(tests)s)) AS prescribed,
    sum(l.amount) FILTER (WHERE l.category = ANY (%(tests)s)) AS tests,
    sum(l.amount) FILTER (WHERE l.category <> 'bed') AS treated,
    sum(l.quantity) FILTER (WHERE l.category = 'bed') AS bed_days,
    bool_or(l.amount > l.limit_amount) AS dear
FROM lines l LEFT JOIN institutions_catalogueitem i ON i.id = l.item_id
GROUP BY l.settlement""",
    "beds": """
SELECT s.id AS settlement, v.person_id AS person, v.counts_as_stay AS stay, v.starts, v.ends,
    coalesce(v.institution_id::text, v.institution_name) AS place,
    coalesce(nullif(v.diagnosis_code, ''), v.diagnosis) AS diagnosis
FROM claims_visit v JOIN claims_settlement s ON s.visit_id = v.id
WHERE v.bed AND s.status <> ALL (%(gone)s)
    AND v.person_id IN (SELECT person FROM screening_now)""",
    "near": """
SELECT k.village, v.person_id AS person, v.bed, v.counts_as_stay AS stay, v.starts,
    coalesce(v.institution_id::text, v.institution_name) AS place, s.total_amount AS total
FROM (
    SELECT DISTINCT n.village, n.starts, d.id AS division
    FROM screening_now n JOIN accounts_division d ON left(d.code, %(village)s) = n.village
) k
JOIN claims_visit v ON v.division_id = k.division AND v.starts = k.starts
JOIN claims_settlement s ON s.visit_id = v.id
WHERE s.status <> ALL (%(gone)s)""",
    "far": """
SELECT s.id AS settlement, s.part, v.id AS visit, v.person_id AS person, v.starts,
    v.institution_name AS name, left(d.code, %(village)s) AS village
FROM claims_visit v
JOIN claims_settlement s ON s.visit_id = v.id
JOIN accounts_division d ON d.id = s.division_id
WHERE v.institution_id IS NULL AND s.status <> ALL (%(gone)s)
    AND v.institution_name IN (SELECT name FROM screening_now WHERE institution IS NULL)""",
    "alike": """
SELECT f.settlement, f.person, f.name, l.item_name, l.amount, trunc(l.quantity * 100) AS many,
    count(*) AS times
FROM far f JOIN claims_billline l ON l.visit_id = f.visit AND l.part = f.part AND l.is_live
GROUP BY f.settlement, f.person, f.name, l.item_name, l.amount, trunc(l.quantity * 100)""",
    "coded": """
SELECT l.settlement, l.item_code AS code, l.quantity, l.supply_days, l.charged_on, l.bed
FROM lines l WHERE l.item_code <> ''
UNION ALL
SELECT l.settlement, m.code, l.quantity, l.supply_days, l.charged_on, l.bed
FROM lines l
JOIN institutions_codemapping m
    ON m.institution_id = l.institution AND m.own_code = l.own_code AND m.decided_by_id IS NOT NULL
WHERE l.item_code = '' AND l.own_code <> ''""",
    "codes": """
SELECT c.settlement, c.code, sum(c.quantity) AS quantity,
    sum(greatest(coalesce(c.supply_days, 1), 1)) AS days,
    bool_or(c.supply_days IS NULL AND (NOT c.bed OR c.charged_on IS NULL)) AS is_use_untold,
    min(c.charged_on) AS first_day, max(c.charged_on) AS last_day
FROM coded c
WHERE c.code IN (
    SELECT code FROM supervision_librarypoint WHERE area_id = %(area)s
    UNION SELECT pair_code FROM supervision_librarypoint WHERE area_id = %(area)s
)
GROUP BY c.settlement, c.code""",
    "others": """
SELECT s.id AS settlement, v.id AS visit, v.person_id AS person, v.institution_name AS name,
    coalesce(v.institution_id::text, v.institution_name) AS place, v.bed, v.starts, v.ends,
    v.source = 'paper' AS paper, s.total_amount AS total
FROM claims_visit v JOIN claims_settlement s ON s.visit_id = v.id
WHERE s.status <> ALL (%(gone)s)""",
    "said": """
SELECT * FROM unnest(%(said_packs)s::bigint[], %(said_cares)s::text[], %(said_levels)s::text[],
    %(said_off)s::int[], %(said_drugs)s::int[], %(said_antibiotics)s::int[], %(said_days)s::int[],
    %(said_prescribed)s::bigint[])
    AS l (pack, care, level, off, drugs, antibiotics, days, prescribed)""",
}

# What a point of the library may say of its code on the bill, or cannot say for want of a fact.
LIBRARY = """
SELECT n.settlement
FROM screening_now n
JOIN codes c ON c.settlement = n.settlement
JOIN supervision_librarypoint p ON p.code = c.code
WHERE p.area_id = %(area)s AND p.is_on AND p.first_day <= n.starts
    AND (p.last_day IS NULL OR n.starts <= p.last_day)
    AND CASE p.kind
        WHEN 'sex' THEN n.sex <> p.value
        WHEN 'age' THEN n.born IS NULL OR CASE p.value
            WHEN 'newborn' THEN greatest(c.last_day, n.starts) - n.born > %(newborn_days)s
            WHEN 'infant' THEN greatest(c.last_day, n.starts) - n.born >= %(infant_years)s * 365
            WHEN 'child' THEN greatest(c.last_day, n.starts) - n.born >= %(child_years)s * 365
            ELSE least(c.first_day, n.starts) - n.born < (%(working_from)s + 1) * 366
                OR greatest(c.last_day, n.starts) - n.born >= %(working_until)s * 365 END
        WHEN 'same_incision' THEN EXISTS (
            SELECT FROM codes o JOIN supervision_librarypoint q ON q.code = o.code
            WHERE o.settlement = c.settlement AND o.code <> c.code AND q.area_id = %(area)s
                AND q.is_on AND q."window" = 'same_operation' AND q.value = p.value)
        WHEN 'insurance' THEN NOT (p.value = 'maternity' AND n.bed AND NOT n.stay)
        WHEN 'care_kind' THEN NOT n.bed
        WHEN 'institution_level' THEN coalesce((
            SELECT g.least FROM unnest(%(levels)s::text[], %(grades)s::int[]) g (level, least)
            WHERE g.level = n.level), -1) < p.value::int
        WHEN 'course' THEN c.days > p.value::int OR c.is_use_untold
        WHEN 'duplicate' THEN EXISTS (
            SELECT FROM codes o WHERE o.settlement = c.settlement AND o.code = p.pair_code)
        WHEN 'frequency' THEN c.quantity > p.value::numeric
        WHEN 'cycle' THEN c.quantity > p.value::numeric
        ELSE true END"""

STATEMENTS: Mapping[str, str] = {
    "A02": """
SELECT n.settlement FROM screening_now n
JOIN claims_invoice a ON a.visit_id = n.visit AND a.is_live
JOIN claims_invoice b ON b.number = a.number AND b.visit_id <> a.visit_id AND b.is_live
UNION
SELECT n.settlement FROM screening_now n
JOIN others o ON o.person = n.person AND o.starts = n.starts AND o.settlement <> n.settlement
WHERE NOT n.bed AND NOT o.bed AND o.ends = n.ends AND o.name = n.name
    AND o.total = n.total AND o.paper <> n.paper""",
    "A03": """
SELECT n.settlement FROM screening_now n JOIN beds o ON o.person = n.person
WHERE n.bed AND o.settlement <> n.settlement AND o.starts < n.ends AND n.starts < o.ends""",
    "A04": """
SELECT n.settlement FROM screening_now n JOIN beds o ON o.person = n.person
WHERE NOT n.bed AND o.starts < n.starts AND n.ends < o.ends
UNION
SELECT n.settlement FROM screening_now n
JOIN others o ON o.person = n.person AND o.starts > n.starts AND o.starts < n.ends
WHERE n.bed AND NOT o.bed AND o.ends < n.ends""",
    "A05": """
SELECT n.settlement FROM screening_now n JOIN beds o ON o.person = n.person
WHERE n.stay AND o.stay AND o.settlement <> n.settlement AND o.place = n.place
    AND o.diagnosis = n.diagnosis AND n.diagnosis <> ''
    AND (n.starts - o.ends BETWEEN 0 AND %(split_days)s
        OR o.starts - n.ends BETWEEN 0 AND %(split_days)s)""",
    "A06": """
SELECT d.settlement FROM (
    SELECT settlement, charged_on FROM lines WHERE stay AND charged_on < ends
    GROUP BY settlement, charged_on HAVING bool_and(category = ANY (%(by_the_day)s))
) d GROUP BY d.settlement HAVING count(*) >= %(empty_days)s""",
    "A07": """
SELECT n.settlement FROM screening_now n JOIN bills b ON b.settlement = n.settlement
WHERE n.stay AND greatest(1, n.ends - n.starts) <= %(short_days)s
    AND b.tests * 100 >= b.treated * %(test_share)s""",
    "A08": """
SELECT n.settlement FROM screening_now n JOIN bills b ON b.settlement = n.settlement
WHERE b.dear OR n.bed AND b.bed_days > greatest(1, n.ends - n.starts + 1)
UNION
SELECT settlement FROM lines WHERE charged_on IS NOT NULL AND category = ANY (%(once_a_day)s)
GROUP BY settlement, item_name, charged_on HAVING count(*) > 1""",
    # OFFSET 0: bills are joined first. Of what the measures say PostgreSQL expects next to nothing,
    # and would read all bills once for every claim.
    "A10": """
SELECT b.settlement FROM (
    SELECT n.settlement, n.pack, n.care, n.prices, c.drugs, c.antibiotics, c.days, c.prescribed
    FROM screening_now n JOIN bills c ON c.settlement = n.settlement WHERE NOT n.bed OFFSET 0
) b
JOIN said l ON l.pack = b.pack AND l.care = b.care AND l.level = b.prices
WHERE b.drugs > l.drugs OR b.antibiotics > l.antibiotics OR b.days > l.days
    OR b.prescribed * 100 > l.prescribed""",
    "A11": """
SELECT n.settlement FROM screening_now n
JOIN said l ON l.pack = n.pack AND l.care = n.care AND l.level = n.level
WHERE n.off * 10000 > l.off * n.total""",
    "A12": """
SELECT n.settlement FROM screening_now n JOIN (
    SELECT village, place, starts FROM near WHERE stay
    GROUP BY village, place, starts HAVING count(DISTINCT person) >= %(group_persons)s
) g ON g.village = n.village AND g.place = n.place AND g.starts = n.starts""",
    "A13": """
SELECT settlement FROM screening_now
WHERE total >= %(large_total)s
    OR total >= %(paid_total)s AND fund * 100 > total * %(paid_share)s""",
    "A17": """
SELECT settlement FROM screening_now
WHERE sex = '1' AND diagnosis ~ %(women_only)s OR sex = '2' AND diagnosis ~ %(men_only)s
    OR diagnosis ~ %(newborn)s AND starts - born >= 365
    OR diagnosis ~ %(birth)s
        AND (starts - born < (%(min_mother)s + 1) * 366 OR starts - born > %(max_mother)s * 365)""",
    "A19": """
SELECT n.settlement FROM screening_now n
JOIN far o ON o.village = n.village AND o.name = n.name
    AND n.starts - o.starts BETWEEN 0 AND %(far_days)s
WHERE n.institution IS NULL
GROUP BY n.settlement HAVING count(DISTINCT o.person) >= %(far_persons)s""",
    "A20": """
SELECT a.settlement FROM alike a
JOIN alike b ON b.name = a.name AND b.person <> a.person AND b.item_name = a.item_name
    AND b.amount = a.amount AND b.many = a.many
WHERE a.settlement IN (SELECT settlement FROM screening_now)
GROUP BY a.settlement, b.settlement HAVING sum(least(a.times, b.times)) >= %(like_lines)s""",
    # All on paper of a person who has two invoices of one issuer.
    "A21": """
SELECT m.settlement FROM screening_now m WHERE m.person IN (
    SELECT n.person FROM screening_now n
    JOIN claims_invoice a ON a.visit_id = n.visit AND a.is_live
    JOIN others o ON o.person = n.person AND o.visit <> n.visit
    JOIN claims_invoice b ON b.visit_id = o.visit AND b.issuer = a.issuer AND b.is_live
) AND (m.paper OR EXISTS (SELECT FROM claims_invoice i WHERE i.visit_id = m.visit))""",
    "A22": """
SELECT n.settlement FROM screening_now n JOIN (
    SELECT w.institution, night::date AS night
    FROM (
        SELECT n.institution, i.beds, min(n.starts) AS first, max(n.ends) AS last
        FROM screening_now n JOIN institutions_institution i ON i.id = n.institution
        WHERE n.bed AND i.beds IS NOT NULL GROUP BY n.institution, i.beds
    ) w
    JOIN claims_visit v ON v.institution_id = w.institution AND v.bed AND v.status <> 'void'
        AND v.starts <= w.last AND (v.ends IS NULL OR v.status = 'open' OR v.ends >= w.first)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN v.status = 'open' THEN w.last ELSE coalesce(v.ends - 1, w.last) END AS last
    ) e
    CROSS JOIN LATERAL generate_series(
        greatest(v.starts, w.first), least(greatest(e.last, v.starts), w.last), interval '1 day'
    ) night
    GROUP BY w.institution, w.beds, night HAVING count(*) > w.beds
) f ON f.institution = n.institution AND f.night >= n.starts
    AND f.night < greatest(n.ends, n.starts + 1)
WHERE n.bed""",
    "A27": """
SELECT n.settlement FROM screening_now n JOIN (
    SELECT m.person, m.first
    FROM (
        SELECT DISTINCT person, date_trunc('month', starts)::date AS first
        FROM screening_now WHERE NOT bed
    ) m
    JOIN claims_visit v ON v.person_id = m.person AND v.starts >= m.first
        AND v.starts < m.first + interval '1 month' AND NOT v.bed
    JOIN claims_settlement s ON s.visit_id = v.id AND s.status <> ALL (%(gone)s)
    JOIN claims_billline b ON b.visit_id = v.id AND b.part = s.part AND b.is_live
        AND b.category = ANY (%(packed)s)
    GROUP BY m.person, m.first, b.item_name
    HAVING count(DISTINCT v.institution_name) >= %(shops)s OR sum(b.quantity) > %(packs)s
) g ON g.person = n.person AND g.first = date_trunc('month', n.starts)
WHERE NOT n.bed""",
    "A28": """
SELECT n.settlement FROM screening_now n
JOIN others o ON o.person = n.person AND o.starts = n.starts AND o.settlement <> n.settlement
WHERE NOT n.bed AND NOT o.bed AND o.paper = n.paper AND o.total = n.total
    AND o.place = n.place""",
    "A29": """
SELECT n.settlement FROM screening_now n JOIN (
    SELECT village, place, starts, total FROM near WHERE NOT bed
    GROUP BY village, place, starts, total HAVING count(DISTINCT person) >= %(same_sum_persons)s
) g ON g.village = n.village AND g.place = n.place AND g.starts = n.starts AND g.total = n.total
WHERE NOT n.bed""",
    **{f"K{number:02d}": LIBRARY for number in range(1, 11)},
}
