-- One row of facts for each household of the register on a day. What nobody recorded stays NULL.
--
-- :as_of, :first, :past_last and the ages are values. :columns is chosen from the columns of `facts`,
-- so that the planner leaves out what is not asked for, whole joins included. The line
-- :only_these_ids is left out for a whole division. :of_these_households is a range of villages for
-- a whole division and the ids themselves for a few, lest a plan made for any division reads it all.
WITH asked AS (
    SELECT
        id, village_code, category, main_cause, epidemic_impact, registered_on, recorded_by
    FROM households
    WHERE village_code >= :first AND village_code < :past_last AND voided_at IS NULL
      AND registered_on <= :as_of AND (ended_on IS NULL OR ended_on > :as_of)
      :only_these_ids
), roll AS (
    -- Each question about a member is answered yes, no or NULL. What the rules only ask of whether
    -- there is any counts those who are known to be, and is NULL while none is and somebody may be;
    -- what they reckon with is counted if nobody's answer is NULL.
    SELECT
        household_id,
        count(*) AS household_size,
        count(*) FILTER (WHERE relation_to_head = 'head') AS heads,
        coalesce(
            nullif(count(*) FILTER (WHERE misses_school), 0),
            CASE WHEN count(misses_school) = count(*) THEN 0 END
        ) AS children_out_of_school,
        coalesce(
            nullif(count(*) FILTER (WHERE school_contradicts_age), 0),
            CASE WHEN count(school_contradicts_age) = count(*) THEN 0 END
        ) AS school_status_mismatches,
        CASE WHEN count(studies) = count(*)
            THEN count(*) FILTER (WHERE studies) END AS students,
        coalesce(
            nullif(count(*) FILTER (WHERE health = 'serious_illness'), 0),
            CASE WHEN count(health) = count(*) THEN 0 END
        ) AS seriously_ill_members,
        coalesce(
            nullif(count(*) FILTER (WHERE health = 'chronic'), 0),
            CASE WHEN count(health) = count(*) THEN 0 END
        ) AS chronically_ill_members,
        coalesce(
            nullif(count(*) FILTER (WHERE health = 'disabled'), 0),
            CASE WHEN count(health) = count(*) THEN 0 END
        ) AS disabled_members,
        CASE WHEN count(old_disabled_or_minor) = count(*)
            THEN count(*) FILTER (WHERE old_disabled_or_minor)
        END AS old_disabled_or_minor_members,
        coalesce(
            nullif(count(*) FILTER (WHERE medical_insurance = 'none'), 0),
            CASE WHEN count(medical_insurance) = count(*) THEN 0 END
        ) AS uninsured_members,
        coalesce(
            nullif(count(*) FILTER (WHERE labours), 0),
            CASE WHEN count(labours) = count(*) THEN 0 END
        ) AS labourers,
        CASE WHEN count(labours) = count(*)
            THEN count(*) FILTER (WHERE labours AND labour_capacity <> 'weak')
        END AS full_labourers,
        coalesce(
            nullif(count(*) FILTER (WHERE works), 0),
            CASE WHEN count(works) = count(*) THEN 0 END
        ) AS workers,
        coalesce(
            nullif(count(*) FILTER (WHERE idles), 0),
            CASE WHEN count(idles) = count(*) THEN 0 END
        ) AS idle_labourers,
        coalesce(
            nullif(count(*) FILTER (WHERE holds_public_post), 0),
            CASE WHEN count(holds_public_post) = count(*) THEN 0 END
        ) AS public_post_holders,
        coalesce(
            nullif(count(*) FILTER (WHERE dibao), 0),
            CASE WHEN count(dibao) = count(*) THEN 0 END
        ) AS dibao_members,
        coalesce(
            nullif(count(*) FILTER (WHERE extreme_poverty_support), 0),
            CASE WHEN count(extreme_poverty_support) = count(*) THEN 0 END
        ) AS extreme_poverty_members,
        max(joined_on) AS last_joined_on,
        string_agg(DISTINCT recorded_by, ', ') AS roll_recorded_by
    FROM (
        SELECT
            *,
            CASE WHEN birth_date IS NOT NULL THEN of_school_age AND (
                school_status = 'out_of_school' AND dropout_reason <> 'health'
                OR school_status = 'not_enrolled' AND must_be_enrolled
            ) END AS misses_school,
            CASE
                WHEN school_status IS NULL THEN false
                WHEN birth_date IS NULL THEN NULL
                WHEN school_status IN ('in_school', 'home_taught') THEN NOT of_pupil_age
                ELSE school_status = 'graduated' AND NOT old_enough_to_graduate
            END AS school_contradicts_age,
            coalesce(
                school_status IN ('in_school', 'home_taught'),
                CASE WHEN NOT of_student_age THEN false END
            ) AS studies,
            -- The law does not let those under labour age be employed, so that their capacity counts
            -- for nothing; what is recorded of their work and posts counts all the same.
            under_labour_age IS NOT TRUE
                AND labour_capacity IN ('ordinary', 'skilled', 'weak') AS labours,
            coalesce(employment_months > 0, CASE WHEN under_labour_age THEN false END) AS works,
            under_labour_age IS NOT TRUE AND employment_months = 0
                AND labour_capacity IN ('ordinary', 'skilled', 'weak') AS idles,
            birth_date <= :as_of - make_interval(years => :old_from)
                OR birth_date > :as_of - make_interval(years => :minor_to + 1)
                OR health = 'disabled' AS old_disabled_or_minor,
            coalesce(public_post, CASE WHEN under_labour_age THEN false END) AS holds_public_post
        FROM (
            SELECT
                *,
                birth_date <= :as_of - make_interval(years => :school_age_from)
                    AND birth_date > :as_of - make_interval(years => :school_age_to + 1)
                    AS of_school_age,
                birth_date <= :as_of - make_interval(years => :student_age_from)
                    AND birth_date > :as_of - make_interval(years => :student_age_to + 1)
                    AS of_student_age,
                birth_date <= :as_of - make_interval(years => :pupil_age_from)
                    AND birth_date > :as_of - make_interval(years => :pupil_age_to + 1)
                    AS of_pupil_age,
                birth_date <= :as_of - make_interval(years => :enrolled_from) AS must_be_enrolled,
                birth_date <= :as_of - make_interval(years => :graduated_from)
                    AS old_enough_to_graduate,
                birth_date > :as_of - make_interval(years => :labour_age_from) AS under_labour_age
            FROM members
            WHERE :of_these_households AND voided_at IS NULL
              AND joined_on <= :as_of AND (left_on IS NULL OR left_on > :as_of)
        ) aged
    ) present
    GROUP BY household_id
), departures AS (
    SELECT household_id, max(left_on) AS last_left_on
    FROM members
    WHERE :of_these_households AND voided_at IS NULL AND left_on <= :as_of
    GROUP BY household_id
), years AS NOT MATERIALIZED (
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
), checks AS (
    -- Every array begins with the day, and a guarantee has one check a day: the greatest array is
    -- the latest check's. Finding it while grouping needs no sort of all checks.
    SELECT
        household_id,
        max(ARRAY[day, shortage::int]) FILTER (WHERE guarantee = 'food') AS food,
        max(ARRAY[day, shortage::int]) FILTER (WHERE guarantee = 'clothing') AS clothing,
        max(ARRAY[day, children_out_of_school]) FILTER (WHERE guarantee = 'education') AS education,
        max(ARRAY[day, uninsured_members]) FILTER (WHERE guarantee = 'medical') AS medical,
        max(ARRAY[day, ascii(housing_grade), only_home::int]) FILTER (WHERE guarantee = 'housing')
            AS housing,
        max(ARRAY[
            day, water_litres_per_person_day, water_short_area::int, water_quality_met::int,
            water_tap_at_home::int, water_round_trip_minutes, water_distance_metres,
            water_height_metres, water_cut_off_days
        ]) FILTER (WHERE guarantee = 'water') AS water,
        (max(recorder) FILTER (WHERE guarantee = 'food'))[2] AS food_recorded_by,
        (max(recorder) FILTER (WHERE guarantee = 'clothing'))[2] AS clothing_recorded_by,
        (max(recorder) FILTER (WHERE guarantee = 'education'))[2] AS education_recorded_by,
        (max(recorder) FILTER (WHERE guarantee = 'medical'))[2] AS medical_recorded_by,
        (max(recorder) FILTER (WHERE guarantee = 'housing'))[2] AS housing_recorded_by,
        (max(recorder) FILTER (WHERE guarantee = 'water'))[2] AS water_recorded_by
    FROM (
        SELECT
            *,
            checked_on - DATE '0001-01-01' AS day,
            ARRAY[to_char(checked_on, 'YYYYMMDD'), recorded_by] AS recorder
        FROM guarantee_checks
        WHERE :of_these_households AND voided_at IS NULL AND checked_on <= :as_of
    ) made
    GROUP BY household_id
), found AS (
    -- The latest check of circumstances counts as a whole.
    SELECT DISTINCT ON (household_id) *
    FROM circumstances
    WHERE :of_these_households AND voided_at IS NULL AND checked_on <= :as_of
    ORDER BY household_id, checked_on DESC
), facts AS (
    SELECT asked.id::text AS household_id, asked.village_code,
        asked.category AS household_category, asked.main_cause, asked.epidemic_impact,
        asked.recorded_by AS household_recorded_by,
        roll.household_size, roll.heads, roll.children_out_of_school,
        roll.school_status_mismatches, roll.students, roll.seriously_ill_members,
        roll.chronically_ill_members, roll.disabled_members,
        roll.old_disabled_or_minor_members, roll.uninsured_members,
        roll.labourers, roll.full_labourers, roll.workers, roll.idle_labourers,
        roll.public_post_holders, roll.dibao_members, roll.extreme_poverty_members,
        roll.roll_recorded_by,
        -- Greatest passes over nulls. The dictionary ends at 100,000 days, which is 273 years.
        least(100000, :as_of - greatest(
            asked.registered_on, roll.last_joined_on, departures.last_left_on
        ))::bigint AS days_since_size_change,
        coalesce(roll.roll_recorded_by, asked.recorded_by) AS size_recorded_by,
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
        previous.income_recorded_by AS previous_income_recorded_by,
        found.checked_on AS circumstances_checked_on,
        found.commission_signed, found.cars::bigint, found.homes::bigint,
        found.financial_assets_fen AS financial_assets, found.company_shares,
        found.medical_spending_fen AS medical_spending,
        found.education_spending_fen AS education_spending,
        found.disaster_loss_fen AS disaster_loss, found.rigid_spending_fen AS rigid_spending,
        found.sudden_hardship, found.supporter_able, found.job_refusals::bigint,
        found.new_job_income_fen AS new_job_income, found.new_job_months::bigint,
        found.relocating_members::bigint, found.bad_credit, found.microloan_wanted,
        found.housing_repair_planned, found.recorded_by AS circumstances_recorded_by,
        food[2] = 1 AS food_shortage,
        DATE '0001-01-01' + food[1] AS food_checked_on,
        clothing[2] = 1 AS clothing_shortage,
        DATE '0001-01-01' + clothing[1] AS clothing_checked_on,
        education[2]::bigint AS checked_children_out_of_school,
        DATE '0001-01-01' + education[1] AS education_checked_on,
        medical[2]::bigint AS checked_uninsured_members,
        DATE '0001-01-01' + medical[1] AS medical_checked_on,
        chr(housing[2]) AS housing_grade,
        housing[3] = 1 AS only_home,
        DATE '0001-01-01' + housing[1] AS housing_checked_on,
        water[2]::bigint AS water_litres_per_person_day,
        water[3] = 1 AS water_short_area,
        water[4] = 1 AS water_quality_met,
        water[5] = 1 AS water_tap_at_home,
        water[6]::bigint AS water_round_trip_minutes,
        water[7]::bigint AS water_distance_metres,
        water[8]::bigint AS water_height_metres,
        water[9]::bigint AS water_cut_off_days,
        DATE '0001-01-01' + water[1] AS water_checked_on,
        checks.food_recorded_by, checks.clothing_recorded_by, checks.education_recorded_by,
        checks.medical_recorded_by, checks.housing_recorded_by, checks.water_recorded_by
    FROM asked
    LEFT JOIN roll ON roll.household_id = asked.id
    LEFT JOIN departures ON departures.household_id = asked.id
    LEFT JOIN income ON income.household_id = asked.id
    LEFT JOIN years previous ON previous.household_id = asked.id
        AND previous.period_to = (income.period_to - INTERVAL '1 year')::date
        AND previous.period_to <= :as_of - INTERVAL '1 year'
    LEFT JOIN found ON found.household_id = asked.id
    LEFT JOIN checks ON checks.household_id = asked.id
)
SELECT :columns FROM facts
