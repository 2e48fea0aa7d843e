-- One row of facts for each administrative village in force on a day: its latest closed accounts and
-- those of the year before. What nobody recorded stays NULL.
WITH asked AS (
    SELECT code AS village_code
    FROM divisions
    WHERE code >= :first AND code < :past_last AND level = 'village'
      AND right(code, 3) BETWEEN :village_from AND :village_to
      AND valid_from <= :as_of AND (valid_to IS NULL OR valid_to > :as_of)
      :only_these_ids
), latest AS (
    SELECT DISTINCT ON (village_code) *
    FROM village_accounts
    WHERE village_code >= :first AND village_code < :past_last
      AND year < extract(year FROM :as_of)
    ORDER BY village_code, year DESC
), facts AS (
    SELECT
        asked.village_code,
        latest.year::bigint AS accounting_year,
        make_date(latest.year, 12, 31) AS accounts_closed_on,
        latest.recorded_by AS accounts_recorded_by,
        latest.total_income_fen AS total_income,
        latest.operating_income_fen AS operating_income,
        latest.one_off_income_fen AS one_off_income,
        latest.relatively_weak,
        before.total_income_fen AS previous_total_income,
        before.operating_income_fen AS previous_operating_income,
        before.recorded_by AS previous_recorded_by
    FROM asked
    LEFT JOIN latest USING (village_code)
    LEFT JOIN village_accounts before
        ON before.village_code = latest.village_code AND before.year = latest.year - 1
)
SELECT :columns FROM facts
