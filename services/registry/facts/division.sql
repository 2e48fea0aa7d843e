-- The facts recorded of a division as a whole. The lowest dibao standard is known only if every
-- county inside has recorded one for the year.
SELECT
    (
        SELECT CASE WHEN count(*) = count(f.amount_fen) THEN 12 * min(f.amount_fen) END
        FROM divisions county
        LEFT JOIN division_figures f ON f.division = county.code
            AND f.figure = 'dibao_monthly_standard' AND f.year = extract(year FROM :as_of)
        WHERE county.level = 'county' AND county.code >= :first AND county.code < :past_last
          AND county.valid_from <= :as_of
          AND (county.valid_to IS NULL OR county.valid_to > :as_of)
    ) AS lowest_dibao_annual_standard,
    latest.amount_fen AS low_income_disposable_income,
    latest.recorded_by,
    make_date(latest.year, 12, 31) AS measured_on,
    before.amount_fen AS previous_low_income_disposable_income
FROM (SELECT 1) one
LEFT JOIN LATERAL (
    SELECT * FROM division_figures
    WHERE division = :division AND figure = 'low_income_disposable_income'
      AND year < extract(year FROM :as_of)
    ORDER BY year DESC LIMIT 1
) latest ON true
LEFT JOIN division_figures before
    ON before.division = latest.division AND before.figure = latest.figure
    AND before.year = latest.year - 1
