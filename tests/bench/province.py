"""A whole province in a registry's database, made by the database itself."""

import psycopg

# Invented households with plausible values, about a tenth of the facts unknown; made in the
# database because 350,000 households through the interface would measure the interface.
STATEMENTS = """
CREATE TEMP TABLE chosen AS
SELECT gen_random_uuid() AS id, v.code AS village_code, n::bigint AS n
FROM generate_series(0, {households} - 1) n
JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS place, count(*) OVER () AS villages
      FROM divisions WHERE level = 'village' AND right(code, 3) BETWEEN '200' AND '399') v
  ON v.place = n * v.villages / {households};

INSERT INTO households (id, village_code, number, county, category, main_cause, other_causes,
    epidemic_impact, registered_on, version, recorded_by, created_at, updated_at)
SELECT id, village_code, 'B-' || lpad(n::text, 8, '0'), left(village_code, 6), 'dibao', 'illness',
    ARRAY['labour'], false, '2019-10-01', 1, 'bench', now(), now()
FROM chosen ORDER BY n;

INSERT INTO members (id, household_id, village_code, name, document_type, document_masked,
    document_sealed, document_digest, relation_to_head, birth_date, school_status,
    medical_insurance, joined_on, version, recorded_by, created_at, updated_at)
SELECT gen_random_uuid(), c.id, c.village_code, '样本', 'other', '*', ''::bytea,
    decode(lpad(to_hex(c.n * 8 + m), 16, '0'), 'hex'),
    CASE m WHEN 0 THEN 'head' ELSE 'child' END,
    date '1950-01-01' + ((c.n * 37 + m * 9131) % 24000)::int,
    CASE (c.n + m) % 40 WHEN 0 THEN 'out_of_school' WHEN 1 THEN NULL ELSE 'in_school' END,
    CASE (c.n + m) % 50 WHEN 0 THEN 'none' WHEN 1 THEN NULL ELSE 'resident' END,
    '2019-10-01', 1, 'bench', now(), now()
FROM chosen c, generate_series(0, (c.n % 4)::int + 1) m ORDER BY c.n, m;

INSERT INTO income_entries (id, household_id, village_code, source, item, period_from, period_to,
    amount_fen, recurring, version, recorded_by, created_at, updated_at)
SELECT gen_random_uuid(), c.id, c.village_code, e.source, e.item, '2019-10-01', '2020-10-01',
    (c.n * 7919 + e.place * 104729) % 3000000, e.item <> 'other_transfers', 1, 'bench', now(), now()
FROM chosen c,
    (VALUES (0, 'wages', 'other_wages'), (1, 'business', 'other_business'),
            (2, 'property', 'other_property'), (3, 'transfers', 'other_transfers'),
            (4, 'expenses', 'business_expenses')) e(place, source, item)
WHERE (c.n + e.place) % 60 <> 0 ORDER BY c.n, e.place;

INSERT INTO guarantee_checks (id, household_id, village_code, guarantee, checked_on, inspector,
    department, shortage, children_out_of_school, uninsured_members, housing_grade, only_home,
    water_litres_per_person_day, water_short_area, water_quality_met, water_tap_at_home,
    water_cut_off_days, version, recorded_by, created_at, updated_at)
SELECT gen_random_uuid(), c.id, c.village_code, g.guarantee,
    date '2020-06-01' + ((c.n + g.place) % 90)::int, '核查人', '乡镇',
    CASE WHEN g.guarantee IN ('food', 'clothing') THEN c.n % 200 = 0 END,
    CASE g.guarantee WHEN 'education' THEN (c.n % 300 = 0)::int END,
    CASE g.guarantee WHEN 'medical' THEN (c.n % 100 = 0)::int END,
    CASE g.guarantee WHEN 'housing' THEN (ARRAY['A', 'B', 'B', 'C'])[1 + c.n % 4] END,
    CASE g.guarantee WHEN 'housing' THEN c.n % 3 = 0 END,
    CASE g.guarantee WHEN 'water' THEN (30 + c.n % 40)::int END,
    CASE g.guarantee WHEN 'water' THEN c.n % 10 = 0 END,
    CASE g.guarantee WHEN 'water' THEN true END,
    CASE g.guarantee WHEN 'water' THEN c.n % 5 <> 0 END,
    CASE g.guarantee WHEN 'water' THEN (c.n % 45)::int END,
    1, 'bench', now(), now()
FROM chosen c,
    (VALUES (0, 'food'), (1, 'clothing'), (2, 'education'), (3, 'medical'), (4, 'housing'),
            (5, 'water')) g(place, guarantee)
WHERE (c.n + g.place) % 70 <> 0 ORDER BY c.n, g.place;
"""


def fill_province(address: str, households: int) -> None:
    """Fill a migrated registry database with synthetic households over every village."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # no row-wise key checks
        for statement in STATEMENTS.format(households=households).split(";\n\n"):
            connection.execute(statement)  # type: ignore[call-overload]
        connection.execute("VACUUM ANALYZE")
