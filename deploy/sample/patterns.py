"""The kinds of household in the sample, and how often each occurs."""

from enum import StrEnum


class Pattern(StrEnum):
    """What makes a sample household what it is."""

    CLEARED = "cleared"
    REPAIRED = "repaired"
    LOW_INCOME = "low_income"
    UNSAFE_HOME = "unsafe_home"
    FAR_WATER = "far_water"
    OUT_OF_SCHOOL = "out_of_school"
    UNINSURED = "uninsured"
    SHORT_OF_FOOD = "short_of_food"
    SHORT_OF_CLOTHING = "short_of_clothing"
    SOURCE_MISSING = "source_missing"
    CHECK_MISSING = "check_missing"
    CHECK_STALE = "check_stale"
    SCHOOL_UNKNOWN = "school_unknown"
    INSURANCE_UNKNOWN = "insurance_unknown"
    LIFTED_ONCE = "lifted_once"
    COPIED_INCOME = "copied_income"
    ILL_BUT_HEALTHY = "ill_but_healthy"
    DISABLED_BUT_NOBODY = "disabled_but_nobody"
    WAGES_WITHOUT_WORKER = "wages_without_worker"
    DIBAO_WITHOUT_MONEY = "dibao_without_money"
    BUSINESS_WITHOUT_EXPENSES = "business_without_expenses"


TITLES = {
    Pattern.CLEARED: "各项达标",
    Pattern.REPAIRED: "危房已修缮",
    Pattern.LOW_INCOME: "收入未达线",
    Pattern.UNSAFE_HOME: "唯一住房为危房",
    Pattern.FAR_WATER: "取水过远",
    Pattern.OUT_OF_SCHOOL: "儿童失学",
    Pattern.UNINSURED: "有人未参保",
    Pattern.SHORT_OF_FOOD: "缺粮",
    Pattern.SHORT_OF_CLOTHING: "缺衣被",
    Pattern.SOURCE_MISSING: "收入来源漏记",
    Pattern.CHECK_MISSING: "保障未核查",
    Pattern.CHECK_STALE: "核查已过期",
    Pattern.SCHOOL_UNKNOWN: "在校状况不明",
    Pattern.INSURANCE_UNKNOWN: "参保情况不明",
    Pattern.LIFTED_ONCE: "一次性收入抬过线",
    Pattern.COPIED_INCOME: "收入数字雷同",
    Pattern.ILL_BUT_HEALTHY: "因病致贫却全家健康",
    Pattern.DISABLED_BUT_NOBODY: "因残致贫却无残疾人",
    Pattern.WAGES_WITHOUT_WORKER: "有工资却无人务工",
    Pattern.DIBAO_WITHOUT_MONEY: "低保户却无低保金",
    Pattern.BUSINESS_WITHOUT_EXPENSES: "有经营收入却无支出",
}
# Out of 100 households; the rest is cleared.
SHARES = {
    Pattern.REPAIRED: 4,
    Pattern.LOW_INCOME: 6,
    Pattern.UNSAFE_HOME: 4,
    Pattern.FAR_WATER: 3,
    Pattern.OUT_OF_SCHOOL: 2,
    Pattern.UNINSURED: 3,
    Pattern.SHORT_OF_FOOD: 1,
    Pattern.SHORT_OF_CLOTHING: 1,
    Pattern.SOURCE_MISSING: 3,
    Pattern.CHECK_MISSING: 3,
    Pattern.CHECK_STALE: 3,
    Pattern.SCHOOL_UNKNOWN: 2,
    Pattern.INSURANCE_UNKNOWN: 2,
    Pattern.LIFTED_ONCE: 2,
    Pattern.COPIED_INCOME: 2,
    Pattern.ILL_BUT_HEALTHY: 1,
    Pattern.DISABLED_BUT_NOBODY: 1,
    Pattern.WAGES_WITHOUT_WORKER: 1,
    Pattern.DIBAO_WITHOUT_MONEY: 1,
    Pattern.BUSINESS_WITHOUT_EXPENSES: 1,
}
