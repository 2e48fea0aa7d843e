"""Why a file of an import is refused as a whole."""

from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue


class FileEmpty(InvalidValue):
    code = "file-empty"
    template = Bilingual(
        "文件“{file}”是空的；请选择填写好的工作簿。",
        'The file "{file}" is empty; choose the workbook that was filled in.',
    )


class FileKindUnknown(InvalidValue):
    code = "file-kind-unknown"
    template = Bilingual(
        "文件“{file}”不是 .xlsx 工作簿或 .csv 文件；请另存为其中一种（.xls 请另存为 .xlsx）。",
        'The file "{file}" is neither an .xlsx workbook nor a .csv file; save it as one of these '
        "(.xls as .xlsx).",
    )


class FileDamaged(InvalidValue):
    code = "file-damaged"
    template = Bilingual(
        "文件“{file}”已损坏，无法打开；请在表格软件中重新保存后再导入。",
        'The file "{file}" is damaged and cannot be opened; save it again in the spreadsheet '
        "program and import it.",
    )


class FileEncrypted(InvalidValue):
    code = "file-encrypted"
    template = Bilingual(
        "文件“{file}”设有打开密码；请去掉密码后重新保存。",
        'The file "{file}" is protected by a password; remove it and save the file again.',
    )


class FileTooLarge(InvalidValue):
    code = "file-too-large"
    template = Bilingual(
        "文件“{file}”解压后超过 {most} MB；请分批导入。",
        'The file "{file}" unpacks to more than {most} MB; import it in parts.',
    )


class SheetTooLarge(InvalidValue):
    code = "sheet-too-large"
    template = Bilingual(
        "“{sheet}”在 {columns} 列、{rows} 行之外还有单元格；请删除多余的行列（含空白格式），或分批导入。",
        'The sheet "{sheet}" has cells beyond {columns} columns or {rows} rows; delete the surplus '
        "rows and columns, formatted blank ones included, or import it in parts.",
    )


class FormulaUnplaced(InvalidValue):
    code = "formula-unplaced"
    template = Bilingual(
        "文件中有公式，但无法确定所在单元格；请在表格软件中重新保存，并把公式粘贴为数值。",
        "The file has a formula whose cell cannot be told; save it again in the spreadsheet program, "
        "with formulas pasted as values.",
    )


class EncodingUnknown(InvalidValue):
    code = "encoding-unknown"
    template = Bilingual(
        "文件“{file}”既不是 UTF-8 也不是 GB18030 编码；请另存为“CSV UTF-8”。",
        'The file "{file}" is neither UTF-8 nor GB18030; save it as "CSV UTF-8".',
    )


class CsvMalformed(InvalidValue):
    code = "csv-malformed"
    template = Bilingual(
        "文件“{file}”第 {line} 行附近不是有效的 CSV；请检查引号是否成对。",
        'The file "{file}" is not valid CSV near line {line}; check that quotes come in pairs.',
    )


class SheetUnknown(InvalidValue):
    code = "sheet-unknown"
    template = Bilingual(
        "不认识工作表“{sheet}”；{meant_zh}请改名，或删除该表。",
        'The sheet "{sheet}" is not known; {meant}rename it or delete it.',
    )


class SheetRepeated(InvalidValue):
    code = "sheet-repeated"
    template = Bilingual(
        "工作表“{sheet}”不止一个；请合并为一个。",
        'There is more than one sheet "{sheet}"; put their rows into one.',
    )


class HeaderUnknown(InvalidValue):
    code = "header-unknown"
    template = Bilingual(
        "“{sheet}”中不认识表头“{header}”；{meant_zh}请改名，或删除该列。",
        'The header "{header}" of the sheet "{sheet}" is not known; {meant}rename it or delete the '
        "column.",
    )


class HeaderRepeated(InvalidValue):
    code = "header-repeated"
    template = Bilingual(
        "“{sheet}”中表头“{header}”不止一列；请只保留一列。",
        'The header "{header}" of the sheet "{sheet}" stands more than once; keep one column.',
    )


class HeaderMissing(InvalidValue):
    code = "header-missing"
    template = Bilingual(
        "“{sheet}”缺少必填的列“{header}”；请按模板补上（表头在第 1 行）。",
        'The sheet "{sheet}" lacks the required column "{header}"; add it as in the template '
        "(headers stand in row 1).",
    )


class HeaderMerged(InvalidValue):
    code = "header-merged"
    template = Bilingual(
        "“{sheet}”的表头有合并单元格 {address}；请取消合并，表头只占第 1 行。",
        'The headers of the sheet "{sheet}" have merged cells {address}; unmerge them, headers take '
        "row 1 only.",
    )


class NoRows(InvalidValue):
    code = "no-rows"
    template = Bilingual(
        "文件中没有任何数据行；请在表头下填写后再导入。",
        "The file has no rows of data; fill them in below the headers and import again.",
    )
