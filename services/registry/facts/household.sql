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
        WHERE village_code >= :first AND village_code < :past_last AND checked_on <= :as_of
          :only_these_households
    ) made
    GROUP BY household_id
), facts AS (
    SELECT asked.id::text AS household_id, asked.village_code,
        roll.household_size, roll.children_out_of_school, roll.uninsured_members,
        roll.roll_recorded_by,
        income.income_period_to, income.wages_income, income.business_income,
        income.property_income, income.transfer_income, income.business_expenses,
        income.one_off_income, income.income_recorded_by,
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
    LEFT JOIN income ON income.household_id = asked.id
    LEFT JOIN checks ON checks.household_id = asked.id
)
SELECT :columns FROM facts
