"""A whole province in a registry's database, made by the database itself."""

import psycopg

# Invented households with plausible values, some of them unknown, in the order in which counties
# would import them. Made in the database, because 350,000 households through the interface would
# measure the interface. Ids rise with time, as those of the service do.
VILLAGES = """
CREATE TEMP TABLE villages AS
SELECT code, row_number() OVER (ORDER BY code) - 1 AS place
FROM divisions WHERE level = 'village' AND right(code, 3) BETWEEN '200' AND '399'
"""
CHOSEN = """
CREATE TEMP TABLE chosen AS
SELECT {id_of_n} AS id, v.code AS village_code, n
FROM generate_series(0::bigint, {households} - 1) n
JOIN villages v ON v.place = n * (SELECT count(*) FROM villages) / {households}
"""
HOUSEHOLDS = """
INSERT INTO households (id, village_code, number, county, category, main_cause, other_causes,
    epidemic_impact, registered_on, version, recorded_by, created_at, updated_at)
SELECT id, village_code, 'B-' || lpad(n::text, 8, '0'), left(village_code, 6), 'dibao', 'illness',
    ARRAY['labour'], false, '2019-10-01', 1, 'bench', now(), now()
FROM chosen ORDER BY n
"""
MEMBERS = """
INSERT INTO members (id, household_id, village_code, name, document_type, document_masked,
    document_sealed, document_digest, relation_to_head, birth_date, school_status, dropout_reason,
    health, labour_capacity, employment_months, public_post, dibao, extreme_poverty_support,
    medical_insurance, joined_on, version, recorded_by, created_at, updated_at)
SELECT {id_of_n}, household_id, village_code, '样本', 'other', '33**************', digest,
    digest, CASE m WHEN 0 THEN 'head' ELSE 'child' END, birth_date, school_status,
    CASE school_status WHEN 'out_of_school' THEN 'health' END,
    (ARRAY['healthy', 'healthy', 'chronic', 'serious_illness', 'disabled', NULL])[
        CASE n % 60 WHEN 0 THEN 6 ELSE 1 + n / 8 % 5 END],
    (ARRAY['ordinary', 'skilled', 'weak', 'lost', 'none', NULL])[
        CASE n % 70 WHEN 0 THEN 6 ELSE 1 + n / 8 % 5 END],
    CASE WHEN n % 80 <> 0 THEN n / 8 % 13 END, CASE WHEN n % 90 <> 0 THEN n % 20 = 1 END,
    n / 8 % 3 = 0, n / 8 % 30 = 0,
    CASE n % 50 WHEN 0 THEN 'none' WHEN 1 THEN NULL ELSE 'resident' END,
    '2019-10-01', 1, 'bench', now(), now()
FROM (
    SELECT id AS household_id, village_code, n * 8 + m AS n, m,
        decode(md5((n * 8 + m)::text), 'hex') AS digest,
        date '1940-01-01' + ((n * 37 + m * 9131) % 29000)::int AS birth_date,
        CASE (n + m) % 40 WHEN 0 THEN 'out_of_school' WHEN 1 THEN NULL ELSE 'in_school' END
            AS school_status
    FROM chosen, generate_series(0, n % 5) m
) one ORDER BY n
"""
# Every fourth household has the year before on record too.
INCOME = """
INSERT INTO income_entries (id, household_id, village_code, source, item, period_from, period_to,
    amount_fen, recurring, version, recorded_by, created_at, updated_at)
SELECT {id_of_n}, household_id, village_code, source, item, make_date(year - 1, 10, 1),
    make_date(year, 10, 1), (n * 7919) % 3000000, item <> 'other_transfers', 1, 'bench',
    now(), now()
FROM (
    SELECT id AS household_id, village_code, n * 16 + 8 * (2020 - year) + place AS n, source, item,
        year
    FROM chosen, generate_series(2020 - (n % 4 = 0)::int, 2020) year,
        (VALUES (0, 'wages', 'other_wages'), (1, 'business', 'other_business'),
                (2, 'property', 'other_property'), (3, 'transfers', 'other_transfers'),
                (4, 'expenses', 'business_expenses')) entry(place, source, item)
) one WHERE n % 60 <> 0 ORDER BY n
"""
CHECKS = """
INSERT INTO guarantee_checks (id, household_id, village_code, guarantee, checked_on, inspector,
    department, shortage, children_out_of_school, uninsured_members, housing_grade, only_home,
    water_litres_per_person_day, water_short_area, water_quality_met, water_tap_at_home,
    water_cut_off_days, version, recorded_by, created_at, updated_at)
SELECT {id_of_n}, household_id, village_code, guarantee, date '2020-06-01' + (n % 90)::int,
    '样本核查人', '乡镇',
    CASE WHEN guarantee IN ('food', 'clothing') THEN n % 200 = 0 END,
    CASE guarantee WHEN 'education' THEN (n % 300 = 0)::int END,
    CASE guarantee WHEN 'medical' THEN (n % 100 = 0)::int END,
    CASE guarantee WHEN 'housing' THEN (ARRAY['A', 'B', 'B', 'C'])[1 + n / 8 % 4] END,
    CASE guarantee WHEN 'housing' THEN n % 3 = 0 END,
    CASE guarantee WHEN 'water' THEN (30 + n % 40)::int END,
    CASE guarantee WHEN 'water' THEN n % 10 = 0 END,
    CASE guarantee WHEN 'water' THEN true END,
    CASE guarantee WHEN 'water' THEN n % 5 <> 0 END,
    CASE guarantee WHEN 'water' THEN (n % 45)::int END,
    1, 'bench', now(), now()
FROM (
    SELECT id AS household_id, village_code, n * 8 + place AS n, guarantee
    FROM chosen,
        (VALUES (0, 'food'), (1, 'clothing'), (2, 'education'), (3, 'medical'), (4, 'housing'),
                (5, 'water')) kind(place, guarantee)
) one WHERE n % 70 <> 0 ORDER BY n
"""
CIRCUMSTANCES = """
INSERT INTO circumstances (id, household_id, village_code, checked_on, inspector, department,
    commission_signed, cars, homes, financial_assets_fen, company_shares, medical_spending_fen,
    education_spending_fen, disaster_loss_fen, rigid_spending_fen, sudden_hardship, supporter_able,
    job_refusals, new_job_income_fen, new_job_months, relocating_members, bad_credit,
    microloan_wanted, housing_repair_planned, version, recorded_by, created_at, updated_at)
SELECT {id_of_n}, id, village_code, date '2020-06-01' + (n % 90)::int, '样本核对人', '核对中心',
    true, (n % 30 = 0)::int, 1, n * 7919 % 2000000, n % 200 = 0, n * 6151 % 900000,
    n * 3571 % 300000, 0, n * 7919 % 1300000, n % 90 = 0, n % 4 = 0, (n % 70 = 0)::int, 0, 0, 0,
    n % 40 = 0, n % 3 = 0, n % 50 = 0, 1, 'bench', now(), now()
FROM chosen WHERE n % 20 <> 0 ORDER BY n
"""
ACCOUNTS = """
INSERT INTO village_accounts (id, village_code, year, relatively_weak, lines, total_income_fen,
    operating_income_fen, one_off_income_fen, version, recorded_by, created_at, updated_at)
SELECT {id_of_n}, village_code, year, n % 4 = 0, '[]', 8000000 + n * 7919 % 20000000,
    4000000 + n * 7919 % 8000000, n % 3 * 1000000, 1, 'bench', now(), now()
FROM (
    SELECT code AS village_code, place * 2 + year - 2018 AS n, year
    FROM villages, generate_series(2018, 2019) year
) one WHERE n % 90 <> 0 ORDER BY n
"""
STATEMENTS = (
    VILLAGES,
    CHOSEN,
    HOUSEHOLDS,
    MEMBERS,
    INCOME,
    CHECKS,
    CIRCUMSTANCES,
    ACCOUNTS,
)
# A UUIDv7 for the n-th row of its table.
ID_OF_N = """
(lpad(to_hex(1590969600000 + n), 12, '0') || '7000' || '8' || left(md5(n::text), 15))::uuid
"""


def fill_province(address: str, households: int) -> None:
    """Fill a migrated, empty registry database with synthetic households over every village."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # no row-wise key checks
        for statement in STATEMENTS:
            filled = statement.format(households=households, id_of_n=ID_OF_N)
            connection.execute(filled.encode())
        connection.execute("VACUUM ANALYZE")
