-- One row of facts for each administrative village in force on a day: its latest closed accounts and
-- those of the year before. What nobody recorded stays NULL.
WITH asked AS (
    SELECT code AS village_code
    FROM divisions
    WHERE code >= :first AND code < :past_last AND level = 'village'
      AND right(code, 3) BETWEEN :village_from AND :village_to
      AND valid_from <= :as_of AND (valid_to IS NULL OR valid_to > :as_of)
      :only_these_ids
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
        previous.total_income_fen AS previous_total_income,
        previous.operating_income_fen AS previous_operating_income,
        previous.recorded_by AS previous_recorded_by
    FROM asked
    LEFT JOIN LATERAL (
        SELECT *
        FROM village_accounts
        WHERE village_code = asked.village_code AND year < extract(year FROM :as_of)::int
          AND voided_at IS NULL
        ORDER BY year DESC
        LIMIT 1
    ) latest ON true
    LEFT JOIN village_accounts previous
        ON previous.village_code = asked.village_code AND previous.year = latest.year - 1
        AND previous.voided_at IS NULL
)
SELECT :columns FROM facts
