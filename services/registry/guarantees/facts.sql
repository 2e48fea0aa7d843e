checks AS (
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
), guarantee_check_facts AS (
    SELECT
        household_id,
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
        food_recorded_by, clothing_recorded_by, education_recorded_by,
        medical_recorded_by, housing_recorded_by, water_recorded_by
    FROM checks
)
