"""Why a text is refused."""

from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue


class TextExpected(InvalidValue):
    code = "string-type"
    template = Bilingual("应为文本。", "This must be text.")


class TextBlank(InvalidValue):
    code = "string-too-short"
    template = Bilingual(
        "此项不能为空或只有空格；请填写内容，没有的不要传这一项。",
        "This is blank; write something, or leave the member out.",
    )


class TextTooShort(InvalidValue):
    code = "string-too-short"
    template = Bilingual(
        "文本太短，至少 {least} 个字符。", "The text needs at least {least} characters."
    )


class TextTooLong(InvalidValue):
    code = "string-too-long"
    template = Bilingual(
        "文本超过 {most} 个字符；请缩短。",
        "The text has more than {most} characters; shorten it.",
    )


class OuterSpace(InvalidValue):
    code = "outer-space"
    template = Bilingual(
        "开头或结尾有空格；请去掉。",
        "There is space before or behind the text; take it away.",
    )


class CharacterRefused(InvalidValue):
    """Base of the refusals of one character: what it is, and where it stands."""


class ControlCharacter(CharacterRefused):
    code = "control-character"
    template = Bilingual(
        "第 {place} 个字符是{called_zh}，是不可见的控制字符；请删除后重新填写（表格中可用 CLEAN "
        "函数查找）。",
        "Character {place} is {called}, an invisible control character; delete it and write the text "
        "again (a spreadsheet's CLEAN function finds them).",
    )


class InvisibleCharacter(CharacterRefused):
    code = "invisible-character"
    template = Bilingual(
        "第 {place} 个字符是{called_zh}，看不见却会使两段文字不同；请删除后重新填写。",
        "Character {place} is {called}, which cannot be seen yet makes two texts differ; delete it "
        "and write the text again.",
    )


class CharacterNotOfIdentifier(CharacterRefused):
    code = "character-not-of-identifier"
    template = Bilingual(
        "第 {place} 个字符是{called_zh}，编号中不能用；编号只含汉字、字母 A–Z a–z、数字和半角符号，"
        "不含空格。",
        "Character {place} is {called}, which no number holds; a number has Chinese characters, the "
        "letters A to Z and a to z, digits and ASCII signs, and no spaces.",
    )


class CharacterNotOfName(CharacterRefused):
    code = "character-not-of-name"
    template = Bilingual(
        "第 {place} 个字符是{called_zh}，姓名或名称中不能用；请改用普通文字，空格用普通空格。",
        "Character {place} is {called}, which no name holds; use ordinary characters, and the "
        "ordinary space.",
    )


class TelephoneMalformed(InvalidValue):
    code = "telephone-malformed"
    template = Bilingual(
        "电话号码应为 5 至 20 位数字，可带“-”，国际号码前加“+”，例如 0571-12345678；一格只写一个号码。",
        "A telephone number has 5 to 20 digits, dashes allowed, a + before one of another country, "
        "such as 0571-12345678; write one number only.",
    )


class PersonalNumberMisplaced(InvalidValue):
    code = "personal-number-misplaced"
    template = Bilingual(
        "从第 {place} 个字符起像是{kind_zh}，不能写在这里；请删除，证件号码和电话只写在各自的栏目中。",
        "From character {place} on there is what looks like {kind}, which cannot stand here; delete "
        "it, since such numbers belong only where they are asked for.",
    )
