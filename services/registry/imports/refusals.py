"""Why a cell, a row or a whole file of an import is refused."""

from services.registry.households.members.domain import CANNOT_BE_ENTERED
from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue


class CellBlank(InvalidValue):
    code = "cell-blank"
    template = Bilingual(
        "此列必填，不能为空；请补填后重新导入。",
        "This column is required and the cell is blank; fill it in and import again.",
    )


class CellNotText(InvalidValue):
    code = "cell-not-text"
    template = Bilingual(
        "此列应为文本；请把单元格格式设为“文本”后重新填写。",
        "This column takes text; format the cell as text and write the value again.",
    )


class DigitsLost(InvalidValue):
    code = "digits-lost"
    template = Bilingual(
        "此数字超过 15 位，表格已丢失末几位；请把该列设为文本格式，再按原件重新录入。",
        "The number has more than 15 digits, of which the spreadsheet has lost the last ones; format "
        "the column as text and enter the number again from the document.",
    )


class NotReadable(InvalidValue):
    code = "cell-not-readable"
    template = Bilingual(
        "单元格内容超出可处理的范围；请核对后按本列要求重新填写。",
        "The cell holds a value beyond what can be handled; check it and write what the column asks "
        "for.",
    )


class NotYesOrNo(InvalidValue):
    code = "not-yes-or-no"
    template = Bilingual(
        "“{written}”不是“是”或“否”；不清楚的请留空。",
        '"{written}" is neither 是 (yes) nor 否 (no); leave the cell blank if it is not known.',
    )


class NotAWholeNumber(InvalidValue):
    code = "not-a-whole-number"
    template = Bilingual(
        "“{written}”不是不小于 0 的整数；请只写数字，不带小数和单位。",
        '"{written}" is no whole number of 0 or more; write digits only, without fraction or unit.',
    )


class Formula(InvalidValue):
    code = "formula"
    template = Bilingual(
        "单元格 {address} 是公式；请复制后“选择性粘贴”为数值，再重新导入。",
        "Cell {address} is a formula; copy it, paste it as a value, and import again.",
    )


class CellError(InvalidValue):
    code = "cell-error"
    template = Bilingual(
        "单元格是错误值 {error}，不是内容；请改正公式或引用，填写实际内容，不清楚的留空。",
        "The cell holds the error {error} and no content; correct the formula or reference and write what "
        "is meant, or leave the cell blank if it is not known.",
    )


class CellUnreadable(InvalidValue):
    code = "cell-unreadable"
    template = Bilingual(
        "无法读出此单元格的内容；请清除后重新填写，并在表格软件中重新保存。",
        "What the cell holds cannot be read; clear it, write the value again and save the file in the "
        "spreadsheet program.",
    )


class CellWithoutHeader(InvalidValue):
    code = "cell-without-header"
    template = Bilingual(
        "单元格 {address} 有内容，但该列没有表头；请移到有表头的列或清除（CSV 中含逗号的内容须加引号）。",
        "Cell {address} is filled but no header stands above it; move it below a header or clear it (in "
        "CSV, a text that holds a comma is put in quotes).",
    )


class MergedCells(InvalidValue):
    code = "merged-cells"
    template = Bilingual(
        "单元格 {address} 是合并的；请取消合并，每行各填自己的内容。",
        "The cells {address} are merged; unmerge them and fill in every row.",
    )


class RowRepeated(InvalidValue):
    code = "row-repeated"
    template = Bilingual(
        "与第 {first} 行是同一条记录；请只保留一行。",
        "Row {first} is the same record; keep only one of them.",
    )


class DocumentRepeated(InvalidValue):
    code = "document-repeated"
    template = Bilingual(
        "此证件号码同时出现在第 {first} 行；同一人同一时间只能属于一个农户，请核对。",
        "Row {first} has the same document number; a person belongs to one household at a time, so "
        "check both rows.",
    )


class PersonCannotBeEntered(InvalidValue):
    code = "person-cannot-be-entered"
    template = CANNOT_BE_ENTERED


class FindsExhausted(InvalidValue):
    code = "finds-exhausted"
    template = Bilingual(
        "出生日期和性别相同的人，或不能登记的人，您今天已录入太多，本行未核对登记情况，也未导入；请明天（零时起）"
        "再导入本行，或请上级导入。",
        "You have entered too many persons today who were born on the same day and are of the same "
        "sex, or who cannot be entered: the register was not asked about this row, and it was not "
        "imported; import it again tomorrow, or ask the level above.",
    )


class HeadRepeated(InvalidValue):
    code = "head-repeated"
    template = Bilingual(
        "该户第 {first} 行已有同期的户主；一户只有一个户主，请更正其中之一。",
        "Row {first} is a head of the same household at the same time; a household has one, so "
        "correct one of them.",
    )


class HeadAlreadyActive(InvalidValue):
    code = "head-already-active"
    template = Bilingual(
        "登记中该户同期已有户主；请先修改其与户主关系，或登记其离开日期。",
        "The household has a head on record at that time; change that member's relation, or record "
        "their leaving, first.",
    )


class HouseholdUnknown(InvalidValue):
    code = "household-unknown"
    template = Bilingual(
        "在文件的“农户”表和您区划范围内的登记中都没有此户编号；请先登记该农户。",
        "Neither the sheet 农户 of the file nor the register within your division has a household "
        "of this number; record the household first.",
    )


class HouseholdAmbiguous(InvalidValue):
    code = "household-ambiguous"
    template = Bilingual(
        "不止一个县有此户编号；请按县分别导入。",
        "More than one county has a household of this number; import each county by itself.",
    )


class HouseholdFailed(InvalidValue):
    code = "household-failed"
    template = Bilingual(
        "所属农户（“农户”表第 {row} 行）未通过检查，因此本行也不能导入；请先改正该行。",
        "Its household (row {row} of the sheet 农户) failed, so this row cannot be imported either; "
        "correct that row first.",
    )


class HouseholdNumberTaken(InvalidValue):
    code = "household-number-taken"
    template = Bilingual(
        "本县已有农户使用此户编号；请换用新编号。",
        "A household of the county has this number already; use another number.",
    )


class VillageNotFound(InvalidValue):
    code = "not-found"
    template = Bilingual(
        "在您的区划范围内找不到此区划；请核对村编码。",
        "This division is not found within your own; check the village's code.",
    )


class NotAVillage(InvalidValue):
    code = "not-a-village"
    template = Bilingual(
        "此区划代码不是存续的村；请在 /v1/divisions 中查询村的 12 位代码。",
        "This division is not a village in force; look up the village's 12-digit code in "
        "/v1/divisions.",
    )


class AllOrNothing(InvalidValue):
    code = "all-or-nothing"
    template = Bilingual(
        "本行没有问题，但文件中有其他行未通过，按“全部或全不”未写入；请改正后重新导入。",
        "This row is fine, but others of the file failed, so that nothing was written "
        "(all_or_nothing); correct them and import again.",
    )
