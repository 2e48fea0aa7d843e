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
        "文件“{file}”的内容不是 .xlsx 工作簿或 .csv 文件（改扩展名不会改变内容）；请在表格软件中另存为其中一种。",
        'What the file "{file}" holds is neither an .xlsx workbook nor CSV, whatever its name; save it '
        "as one of these in the spreadsheet program.",
    )


class WorkbookOld(InvalidValue):
    code = "workbook-old"
    template = Bilingual(
        "文件“{file}”是旧格式的工作簿（.xls 或 .et），改扩展名无效；请在表格软件中打开，另存为“Excel 工作簿（.xlsx）”。",
        'The file "{file}" is a workbook of the old format (.xls, .et), and renaming does not change that; '
        "open it in the spreadsheet program and save it as an Excel workbook (.xlsx).",
    )


class WorkbookBinary(InvalidValue):
    code = "workbook-binary"
    template = Bilingual(
        "文件“{file}”是二进制工作簿（.xlsb）；请在表格软件中另存为“Excel 工作簿（.xlsx）”。",
        'The file "{file}" is a binary workbook (.xlsb); save it as an Excel workbook (.xlsx) in the '
        "spreadsheet program.",
    )


class WorkbookOpenDocument(InvalidValue):
    code = "workbook-open-document"
    template = Bilingual(
        "文件“{file}”是 OpenDocument 表格（.ods）；请在表格软件中另存为“Excel 工作簿（.xlsx）”。",
        'The file "{file}" is an OpenDocument spreadsheet (.ods); save it as an Excel workbook (.xlsx) in '
        "the spreadsheet program.",
    )


class FileIsMarkup(InvalidValue):
    code = "file-is-markup"
    template = Bilingual(
        "文件“{file}”其实是网页或 XML（其他系统导出的“.xls”常是这样）；请在表格软件中打开，另存为“Excel 工作簿（.xlsx）”。",
        'The file "{file}" is a web page or XML, as exports of other systems called .xls often are; open '
        "it in the spreadsheet program and save it as an Excel workbook (.xlsx).",
    )


class FileIsArchive(InvalidValue):
    code = "file-is-archive"
    template = Bilingual(
        "文件“{file}”是压缩包；请先解压，再导入其中的工作簿或 .csv 文件。",
        'The file "{file}" is an archive; unpack it and import the workbook or the .csv files in it.',
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


class FileTooCostly(InvalidValue):
    code = "file-too-costly"
    template = Bilingual(
        "读取文件“{file}”所需的时间或内存超过限度；请删去多余的格式和工作表，在表格软件中重新保存，或分批导入。",
        'Reading the file "{file}" takes more time or memory than is allowed; delete surplus formats and '
        "sheets and save it again in the spreadsheet program, or import it in parts.",
    )


class PackageTooManifold(InvalidValue):
    code = "package-too-manifold"
    template = Bilingual(
        "文件“{file}”内的工作表或部件超过 {most} 个；请新建工作簿，只复制需要的工作表。",
        'The file "{file}" has more than {most} sheets or parts; copy the sheets needed to a new workbook.',
    )


class CellsTooMany(InvalidValue):
    code = "cells-too-many"
    template = Bilingual(
        "文件中的单元格超过 {most} 个；请分批导入。",
        "The files have more than {most} cells; import them in parts.",
    )


class SheetTooLong(InvalidValue):
    code = "sheet-too-large"
    template = Bilingual(
        "“{sheet}”超过 {rows} 行；请分批导入。",
        'The sheet "{sheet}" has more than {rows} rows; import it in parts.',
    )


class SheetTooWide(InvalidValue):
    code = "sheet-too-large"
    template = Bilingual(
        "“{sheet}”在第 {columns} 列以右有表头，或有许多已填写的单元格；请删除多余的列。",
        'The sheet "{sheet}" has headers, or many filled cells, right of column {columns}; delete the '
        "surplus columns.",
    )


class MergedTooMany(InvalidValue):
    code = "merged-too-many"
    template = Bilingual(
        "“{sheet}”的合并单元格超过 {most} 处；请全选后取消合并。",
        'The sheet "{sheet}" has more than {most} merged ranges; select everything and unmerge it.',
    )


class LineTooLong(InvalidValue):
    code = "line-too-long"
    template = Bilingual(
        "文件“{file}”第 {line} 行所在的记录超过 {most} 个字符；请检查换行和引号是否完整。",
        'The record at line {line} of the file "{file}" has more than {most} characters; check line ends '
        "and quotes.",
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


class SheetWithoutCells(InvalidValue):
    code = "sheet-without-cells"
    template = Bilingual(
        "工作表“{sheet}”是宏表或对话框，不是普通工作表；请删除该表。",
        'The sheet "{sheet}" is one of macros or a dialog, not of cells; delete it.',
    )


class SheetUnknown(InvalidValue):
    code = "sheet-unknown"
    template = Bilingual(
        "不认识工作表“{sheet}”；{meant_zh}请改名，或删除该表。",
        'The sheet "{sheet}" is not known; {meant}rename it or delete it.',
    )


class SheetHiddenUnknown(InvalidValue):
    code = "sheet-unknown"
    template = Bilingual(
        "隐藏的工作表“{sheet}”不认识，但有内容；请右击任一工作表标签，取消隐藏后改名或删除。",
        'The hidden sheet "{sheet}" is not known but holds something; unhide it by a right click on any '
        "tab, and rename it or delete it.",
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


class HeaderError(InvalidValue):
    code = "header-error"
    template = Bilingual(
        "“{sheet}”的表头单元格 {address} 是错误值 {error}；请写上列名，或删除该列。",
        'The header in cell {address} of the sheet "{sheet}" is the error {error}; write the column\'s '
        "name, or delete the column.",
    )


class HeaderElsewhere(InvalidValue):
    code = "header-elsewhere"
    template = Bilingual(
        "“{sheet}”的表头似在第 {row} 行，其上还有已填写的行；请把表头移到第 1 行，数据都在其下。",
        'The headers of the sheet "{sheet}" seem to stand in row {row}, below rows that are filled in; '
        "move them to row 1, above all data.",
    )


class NoRows(InvalidValue):
    code = "no-rows"
    template = Bilingual(
        "文件中没有任何数据行；请在表头下填写后再导入。",
        "The file has no rows of data; fill them in below the headers and import again.",
    )
