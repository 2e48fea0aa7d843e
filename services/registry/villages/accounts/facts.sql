closed AS NOT MATERIALIZED (
    SELECT *
    FROM village_accounts
    WHERE :of_these_villages AND voided_at IS NULL AND year < extract(year FROM :as_of)::int
), latest AS (
    SELECT DISTINCT ON (village_code) * FROM closed ORDER BY village_code, year DESC
), village_account_facts AS (
    SELECT
        latest.village_code,
        latest.year::bigint AS accounting_year,
        make_date(latest.year, 12, 31) AS accounts_closed_on,
        latest.recorded_by AS accounts_recorded_by,
        latest.total_income_fen AS total_income,
        latest.operating_income_fen AS operating_income,
        latest.one_off_income_fen AS one_off_income,
        latest.relatively_weak,
        previous.total_income_fen AS previous_total_income,
        previous.operating_income_fen AS previous_operating_income,
        previous.recorded_by AS previous_recorded_by
    FROM latest
    LEFT JOIN closed previous
        ON previous.village_code = latest.village_code AND previous.year = latest.year - 1
)
