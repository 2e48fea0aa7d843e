years AS NOT MATERIALIZED (
    -- Accounting years that have ended, each twelve months long.
    SELECT
        household_id,
        period_to,
        sum(amount_fen) FILTER (WHERE source = 'wages')::bigint AS wages_income,
        sum(amount_fen) FILTER (WHERE source = 'business')::bigint AS business_income,
        sum(amount_fen) FILTER (WHERE source = 'property')::bigint AS property_income,
        sum(amount_fen) FILTER (WHERE source = 'transfers')::bigint AS transfer_income,
        sum(amount_fen) FILTER (WHERE source = 'expenses')::bigint AS business_expenses,
        coalesce(
            sum(amount_fen) FILTER (WHERE NOT recurring AND source <> 'expenses'), 0
        )::bigint AS one_off_income,
        sum(CASE item WHEN 'dibao_allowance' THEN amount_fen ELSE 0 END)
            FILTER (WHERE source = 'transfers')::bigint AS dibao_allowance_income,
        sum(CASE item WHEN 'extreme_poverty_allowance' THEN amount_fen ELSE 0 END)
            FILTER (WHERE source = 'transfers')::bigint AS extreme_poverty_allowance_income,
        sum(CASE item WHEN 'public_post' THEN amount_fen ELSE 0 END)
            FILTER (WHERE source = 'wages')::bigint AS public_post_income,
        string_agg(DISTINCT recorded_by, ', ') AS income_recorded_by
    FROM income_entries
    WHERE :of_these_households AND voided_at IS NULL AND period_to <= :as_of
    GROUP BY household_id, period_to
), income AS (
    SELECT DISTINCT ON (household_id) * FROM years ORDER BY household_id, period_to DESC
), income_entry_facts AS (
    SELECT
        income.household_id,
        income.period_to AS income_period_to, income.wages_income, income.business_income,
        income.property_income, income.transfer_income, income.business_expenses,
        income.one_off_income, income.dibao_allowance_income,
        income.extreme_poverty_allowance_income, income.public_post_income,
        income.income_recorded_by,
        -- As the rules reckon it: expenses count where they are recorded, and need not be recorded
        -- where there is no business income.
        previous.wages_income + previous.business_income + previous.property_income
            + previous.transfer_income - previous.one_off_income
            - coalesce(
                previous.business_expenses, CASE WHEN previous.business_income = 0 THEN 0 END
            )
            AS previous_stable_net_income,
        previous.income_recorded_by AS previous_income_recorded_by
    FROM income
    LEFT JOIN years previous ON previous.household_id = income.household_id
        AND previous.period_to = (income.period_to - INTERVAL '1 year')::date
        AND previous.period_to <= :as_of - INTERVAL '1 year'
)
