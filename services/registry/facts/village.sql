-- One row of facts for each administrative village in force on a day: its latest closed accounts and
-- those of the year before. What nobody recorded stays NULL.
WITH asked AS (
    SELECT code AS village_code
    FROM divisions
    WHERE code >= :first AND code < :past_last AND level = 'village'
      AND right(code, 3) BETWEEN :village_from AND :village_to
      AND valid_from <= :as_of AND (valid_to IS NULL OR valid_to > :as_of)
      :only_these_ids
), :facts_of_kinds, facts AS (
    SELECT
        asked.village_code,
        :columns_of_kinds
    FROM asked
    :joins_of_kinds
)
SELECT :columns FROM facts
