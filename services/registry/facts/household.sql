-- One row of facts for each household of the register on a day. What nobody recorded stays NULL.
--
-- :as_of, :first, :past_last and the ages are values. :columns is chosen from the columns of `facts`,
-- so that the planner leaves out what is not asked for; the lines :only_these_… are left out for a
-- whole division.
WITH asked AS (
    SELECT id, village_code
    FROM households
    WHERE village_code >= :first AND village_code < :past_last
      AND registered_on <= :as_of AND (ended_on IS NULL OR ended_on > :as_of)
      :only_these_ids
), roll AS (
    SELECT
        household_id,
        count(*) AS household_size,
        CASE WHEN NOT bool_or(
            birth_date IS NULL
            OR of_school_age AND (
                school_status IS NULL
                OR school_status = 'out_of_school' AND dropout_reason IS NULL
            )
        ) THEN count(*) FILTER (WHERE of_school_age AND (
            school_status = 'out_of_school' AND dropout_reason <> 'health'
            OR school_status = 'not_enrolled' AND must_be_enrolled
                AND dropout_reason IS DISTINCT FROM 'health'
        )) END AS children_out_of_school,
        CASE WHEN NOT bool_or(medical_insurance IS NULL)
            THEN count(*) FILTER (WHERE medical_insurance = 'none')
        END AS uninsured_members,
        string_agg(DISTINCT recorded_by, ', ') AS roll_recorded_by
    FROM (
        SELECT
            *,
            birth_date <= :as_of - make_interval(years => :school_age_from)
                AND birth_date > :as_of - make_interval(years => :school_age_to + 1)
                AS of_school_age,
            birth_date <= :as_of - make_interval(years => :enrolled_from) AS must_be_enrolled
        FROM members
        WHERE village_code >= :first AND village_code < :past_last
          AND joined_on <= :as_of AND (left_on IS NULL OR left_on > :as_of)
          :only_these_households
    ) present
    GROUP BY household_id
), income AS (
    -- Every accounting year is twelve months long; the latest one that has ended counts.
    SELECT DISTINCT ON (household_id)
        household_id,
        period_to AS income_period_to,
        wages_income, business_income, property_income, transfer_income, business_expenses,
        one_off_income, income_recorded_by
    FROM (
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
            string_agg(DISTINCT recorded_by, ', ') AS income_recorded_by
        FROM income_entries
        WHERE village_code >= :first AND village_code < :past_last AND period_to <= :as_of
          :only_these_households
        GROUP BY household_id, period_to
    ) years
    ORDER BY household_id, period_to DESC
), checks AS (
    SELECT
        household_id,
        bool_or(shortage) FILTER (WHERE guarantee = 'food') AS food_shortage,
        max(checked_on) FILTER (WHERE guarantee = 'food') AS food_checked_on,
        max(recorded_by) FILTER (WHERE guarantee = 'food') AS food_recorded_by,
        bool_or(shortage) FILTER (WHERE guarantee = 'clothing') AS clothing_shortage,
        max(checked_on) FILTER (WHERE guarantee = 'clothing') AS clothing_checked_on,
        max(recorded_by) FILTER (WHERE guarantee = 'clothing') AS clothing_recorded_by,
        max(children_out_of_school)::bigint AS checked_children_out_of_school,
        max(checked_on) FILTER (WHERE guarantee = 'education') AS education_checked_on,
        max(recorded_by) FILTER (WHERE guarantee = 'education') AS education_recorded_by,
        max(uninsured_members)::bigint AS checked_uninsured_members,
        max(checked_on) FILTER (WHERE guarantee = 'medical') AS medical_checked_on,
        max(recorded_by) FILTER (WHERE guarantee = 'medical') AS medical_recorded_by,
        max(housing_grade) AS housing_grade,
        bool_or(only_home) AS only_home,
        max(checked_on) FILTER (WHERE guarantee = 'housing') AS housing_checked_on,
        max(recorded_by) FILTER (WHERE guarantee = 'housing') AS housing_recorded_by,
        max(water_litres_per_person_day)::bigint AS water_litres_per_person_day,
        bool_or(water_short_area) AS water_short_area,
        bool_or(water_quality_met) AS water_quality_met,
        bool_or(water_tap_at_home) AS water_tap_at_home,
        max(water_round_trip_minutes)::bigint AS water_round_trip_minutes,
        max(water_distance_metres)::bigint AS water_distance_metres,
        max(water_height_metres)::bigint AS water_height_metres,
        max(water_cut_off_days)::bigint AS water_cut_off_days,
        max(checked_on) FILTER (WHERE guarantee = 'water') AS water_checked_on,
        max(recorded_by) FILTER (WHERE guarantee = 'water') AS water_recorded_by
    FROM (
        -- One latest check a guarantee: each aggregate above sees at most one row of its kind. The
        -- order is that of the unique key, read backwards.
        SELECT DISTINCT ON (household_id, guarantee) *
        FROM guarantee_checks
        WHERE village_code >= :first AND village_code < :past_last AND checked_on <= :as_of
          :only_these_households
        ORDER BY household_id DESC, guarantee DESC, checked_on DESC
    ) latest
    GROUP BY household_id
), facts AS (
    SELECT asked.id::text AS household_id, asked.village_code,
        roll.household_size, roll.children_out_of_school, roll.uninsured_members,
        roll.roll_recorded_by,
        income.income_period_to, income.wages_income, income.business_income,
        income.property_income, income.transfer_income, income.business_expenses,
        income.one_off_income, income.income_recorded_by,
        checks.food_shortage, checks.food_checked_on, checks.food_recorded_by,
        checks.clothing_shortage, checks.clothing_checked_on, checks.clothing_recorded_by,
        checks.checked_children_out_of_school, checks.education_checked_on,
        checks.education_recorded_by, checks.checked_uninsured_members, checks.medical_checked_on,
        checks.medical_recorded_by, checks.housing_grade, checks.only_home,
        checks.housing_checked_on, checks.housing_recorded_by, checks.water_litres_per_person_day,
        checks.water_short_area, checks.water_quality_met, checks.water_tap_at_home,
        checks.water_round_trip_minutes, checks.water_distance_metres, checks.water_height_metres,
        checks.water_cut_off_days, checks.water_checked_on, checks.water_recorded_by
    FROM asked
    LEFT JOIN roll ON roll.household_id = asked.id
    LEFT JOIN income ON income.household_id = asked.id
    LEFT JOIN checks ON checks.household_id = asked.id
)
SELECT :columns FROM facts
