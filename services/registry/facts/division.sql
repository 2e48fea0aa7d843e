-- The facts recorded of a division as a whole; :first is its own code. The lowest dibao standard is
-- known only if every county inside has recorded one for the year.
SELECT
    dibao.lowest_annual AS lowest_dibao_annual_standard,
    dibao.recorded_by AS dibao_recorded_by,
    latest.amount_fen AS low_income_disposable_income,
    latest.recorded_by AS income_recorded_by,
    make_date(latest.year, 12, 31) AS income_year_ended_on,
    previous.amount_fen AS previous_low_income_disposable_income,
    previous.recorded_by AS previous_income_recorded_by,
    make_date(previous.year, 12, 31) AS previous_income_year_ended_on
FROM (
    SELECT
        CASE WHEN count(*) = count(figure.amount_fen) THEN 12 * min(figure.amount_fen) END
            AS lowest_annual,
        (array_agg(figure.recorded_by ORDER BY figure.amount_fen))[1] AS recorded_by
    FROM divisions county
    LEFT JOIN division_figures figure ON figure.division = county.code
        AND figure.figure = 'dibao_monthly_standard'
        AND figure.year = extract(year FROM :as_of)::int
        AND figure.voided_at IS NULL
    WHERE county.level = 'county' AND county.code >= :first AND county.code < :past_last
      AND county.valid_from <= :as_of AND (county.valid_to IS NULL OR county.valid_to > :as_of)
) dibao
LEFT JOIN LATERAL (
    SELECT *
    FROM division_figures
    WHERE division = :first AND figure = 'low_income_disposable_income'
      AND year < extract(year FROM :as_of)::int AND voided_at IS NULL
    ORDER BY year DESC
    LIMIT 1
) latest ON true
LEFT JOIN division_figures previous
    ON previous.division = latest.division AND previous.figure = latest.figure
    AND previous.year = latest.year - 1 AND previous.voided_at IS NULL
