-- One row of facts for each household of the register on a day. What nobody recorded stays NULL.
--
-- :as_of, :first, :past_last and the ages are values. :columns is chosen from the columns of `facts`,
-- so that the planner leaves out what is not asked for, whole joins included. The line
-- :only_these_ids is left out for a whole division. :of_these_households is a range of villages for
-- a whole division and the ids themselves for a few, lest a plan made for any division reads it all.
-- What the kinds of record state stands in their own folders and comes in the places named for it.
WITH asked AS (
    SELECT
        id, village_code, category, main_cause, epidemic_impact, registered_on, recorded_by
    FROM households
    WHERE village_code >= :first AND village_code < :past_last AND voided_at IS NULL
      AND registered_on <= :as_of AND (ended_on IS NULL OR ended_on > :as_of)
      :only_these_ids
), roll AS (
    -- Each question about a member is answered yes, no or NULL. What the rules only ask of whether
    -- there is :any counts those who are known to be, and is NULL while none is and somebody may be;
    -- what they reckon with counts :each, if nobody's answer is NULL.
    SELECT
        household_id,
        count(*) AS household_size,
        count(*) FILTER (WHERE relation_to_head = 'head') AS heads,
        :any(misses_school) AS children_out_of_school,
        :any(school_contradicts_age) AS school_status_mismatches,
        :each(studies) AS students,
        :any(health = 'serious_illness') AS seriously_ill_members,
        :any(health = 'chronic') AS chronically_ill_members,
        :any(health = 'disabled') AS disabled_members,
        :each(old_disabled_or_minor) AS old_disabled_or_minor_members,
        :any(medical_insurance = 'none') AS uninsured_members,
        :any(labours) AS labourers,
        :each(labours AND labour_capacity <> 'weak') AS full_labourers,
        :any(works) AS workers,
        :any(idles) AS idle_labourers,
        :any(holds_public_post) AS public_post_holders,
        :any(dibao) AS dibao_members,
        :any(extreme_poverty_support) AS extreme_poverty_members,
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
), :facts_of_kinds, facts AS (
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
        :columns_of_kinds
    FROM asked
    LEFT JOIN roll ON roll.household_id = asked.id
    LEFT JOIN departures ON departures.household_id = asked.id
    :joins_of_kinds
)
SELECT :columns FROM facts
