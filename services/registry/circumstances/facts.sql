found AS (
    -- The latest check of circumstances counts as a whole.
    SELECT DISTINCT ON (household_id) *
    FROM circumstances
    WHERE :of_these_households AND voided_at IS NULL AND checked_on <= :as_of
    ORDER BY household_id, checked_on DESC
), circumstances_facts AS (
    SELECT
        household_id,
        checked_on AS circumstances_checked_on,
        commission_signed, cars::bigint, homes::bigint,
        financial_assets_fen AS financial_assets, company_shares,
        medical_spending_fen AS medical_spending,
        education_spending_fen AS education_spending,
        disaster_loss_fen AS disaster_loss, rigid_spending_fen AS rigid_spending,
        sudden_hardship, supporter_able, job_refusals::bigint,
        new_job_income_fen AS new_job_income, new_job_months::bigint,
        relocating_members::bigint, bad_credit, microloan_wanted,
        housing_repair_planned, recorded_by AS circumstances_recorded_by
    FROM found
)
