"""From the text of an expression to a syntax tree: everything outside the language is refused here, token by token.

sqlglot only tokenizes and parses. Tokens are checked before it parses, so that length and nesting are bounded (no RecursionError)
and every refusal points at the very token.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from services.rules.engine import tree
from services.rules.engine.errors import Place, PolicyError

MAX_TOKENS = 256
MAX_DEPTH = 16
MAX_NUMBER = 10**12

ARITHMETIC: dict[type[exp.Expr], tree.ArithmeticOperator] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
}
COMPARISONS: dict[type[exp.Expr], tree.ComparisonOperator] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}

_SYMBOLS = {
    TokenType.PLUS,
    TokenType.DASH,
    TokenType.STAR,
    TokenType.L_PAREN,
    TokenType.R_PAREN,
    TokenType.COMMA,
    TokenType.DOT,
    TokenType.COLON,
    TokenType.EQ,
    TokenType.NEQ,
    TokenType.LT,
    TokenType.LTE,
    TokenType.GT,
    TokenType.GTE,
}
_WORDS = {
    TokenType.VAR,
    TokenType.NUMBER,
    TokenType.STRING,
    TokenType.AND,
    TokenType.OR,
    TokenType.NOT,
    TokenType.IN,
    TokenType.CASE,
    TokenType.WHEN,
    TokenType.THEN,
    TokenType.END,
    TokenType.TRUE,
    TokenType.FALSE,
}
_ALLOWED = _SYMBOLS | _WORDS

_INSTEAD = {
    "/": (
        "请改用乘法，例如 income >= household_size * :income_line",
        "multiply the other side instead",
    ),
    "DIV": ("请改用乘法", "multiply the other side instead"),
    "%": ("请用百分比参数乘以 100 的写法", "write left * 100 >= right * :percent_parameter"),
    "ELSE": ("请为其余情形写明条件：WHEN … THEN …", "state the remaining case as WHEN … THEN …"),
    "IS": (
        "未知由三值逻辑处理，不能判断是否为空",
        "unknown facts follow three-valued logic and are never tested for",
    ),
    "NULL": (
        "未知由三值逻辑处理，不能写空值",
        "unknown facts follow three-valued logic and are never written",
    ),
    "BETWEEN": ("请写成 x >= 下限 AND x <= 上限", "write x >= low AND x <= high"),
    "==": ("请写 =", "write ="),
    "::": ("不做隐式转换，请更正事实的类型", "there are no casts: give the fact the right type"),
    "?": ("参数须有名称，请写 :name", "parameters have names: write :name"),
    "@": ("参数请写 :name", "write a parameter as :name"),
    "SELECT": ("不能使用子查询", "there are no subqueries"),
}
_DEFAULT_INSTEAD = (
    "可用：+ - *、比较、AND、OR、NOT、IN ('代码')、CASE WHEN … THEN … END、:参数、规则名",
    "use + - *, comparisons, AND, OR, NOT, IN ('code'), CASE WHEN … THEN … END, :parameter, rule.name",
)


@dataclass(frozen=True, slots=True)
class ExpressionText:
    """An expression and where its first character stands in its file (line and column from 1)."""

    text: str
    file: str
    line: int
    column: int

    def place(self, offset: int) -> Place:
        before = self.text[:offset]
        return Place(
            self.file,
            self.line + before.count("\n"),
            self.column + offset - (before.rfind("\n") + 1),
        )


class Syntax:
    """A parsed expression; knows where each node of it stands and which rules it refers to."""

    def __init__(self, text: ExpressionText, root: exp.Expr, tokens: list[Token]) -> None:
        self.text = text
        self.root = root
        starts: dict[type[exp.Expr], Iterator[int]] = {
            kind: iter([token.start for token in tokens if token.token_type in kinds])
            for kind, kinds in (
                (exp.Placeholder, {TokenType.COLON}),
                (exp.Boolean, {TokenType.TRUE, TokenType.FALSE}),
                (exp.Case, {TokenType.CASE}),
            )
        }
        self._starts: dict[int, int] = {}
        for node in root.dfs():
            if (known := starts.get(type(node))) is not None:
                self._starts[id(node)] = next(known)

    @property
    def rule_names(self) -> set[str]:
        return {
            f"{node.table}.{node.name}" for node in self.root.find_all(exp.Column) if node.table
        }

    def place(self, node: exp.Expr) -> Place:
        """Where a node begins: the first position known within it."""
        return self.text.place(self._offset(node))

    def words(self, node: exp.Expr) -> str:
        """The beginning of a node as it is written, to quote in a message."""
        return self.text.text[self._offset(node) :].split("\n")[0][:40]

    def _offset(self, node: exp.Expr) -> int:
        offsets = [
            offset
            for part in node.walk()
            if (offset := self._starts.get(id(part), part.meta.get("start"))) is not None
        ]
        return min(offsets, default=0)


def parse(text: ExpressionText) -> Syntax:
    """Parse one expression.

    Raises a PolicyError with its place.
    """
    _check_characters(text)
    try:
        tokens = Tokenizer().tokenize(text.text)
    except SqlglotError:
        raise PolicyError("expression-syntax", text.place(0)) from None
    _check_tokens(text, tokens)
    _check_depth(text, tokens)
    try:
        root = sqlglot.parse_one(text.text)
    except SqlglotError as error:
        raise PolicyError("expression-syntax", text.place(_error_offset(text, error))) from None
    return Syntax(text, root, tokens)


def _error_offset(text: ExpressionText, error: SqlglotError) -> int:
    details = getattr(error, "errors", None) or [{}]
    lines = text.text.split("\n")
    line = (details[0].get("line") or 1) - 1
    return sum(len(part) + 1 for part in lines[:line]) + max((details[0].get("col") or 1) - 1, 0)


def _check_characters(text: ExpressionText) -> None:
    for offset, character in enumerate(text.text):
        if not (character.isascii() and (character.isprintable() or character == "\n")):
            plain = unicodedata.normalize("NFKC", character)
            instead = plain if plain.isascii() and plain.isprintable() else "ASCII"
            raise PolicyError(
                "expression-character",
                text.place(offset),
                character=repr(character),
                point=ord(character),
                instead=instead,
            )
    for mark in ("--", "/*", "*/"):
        if (offset := text.text.find(mark)) >= 0:
            raise PolicyError("expression-comment", text.place(offset))


def _check_tokens(text: ExpressionText, tokens: list[Token]) -> None:
    if not tokens:
        raise PolicyError("expression-syntax", text.place(0))
    if len(tokens) > MAX_TOKENS:
        raise PolicyError(
            "expression-too-long",
            text.place(tokens[MAX_TOKENS].start),
            count=len(tokens),
            limit=MAX_TOKENS,
        )
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        kind, word = token.token_type, token.text.upper()
        if kind is TokenType.SEMICOLON:
            raise PolicyError("expression-statement", text.place(token.start))
        if kind is TokenType.NUMBER:
            _check_number(text, token)
        refused = kind not in _ALLOWED or word == "==" or (kind is TokenType.VAR and "$" in word)
        if kind is TokenType.NOT and following is not None and following.token_type is TokenType.IN:
            raise PolicyError(
                "expression-construct",
                text.place(token.start),
                construct="NOT IN",
                instead_zh="请写 NOT (x IN (…))",
                instead_en="write NOT (x IN (…))",
            )
        if refused:
            instead_zh, instead_en = _INSTEAD.get(word, _DEFAULT_INSTEAD)
            raise PolicyError(
                "expression-construct",
                text.place(token.start),
                construct=token.text,
                instead_zh=instead_zh,
                instead_en=instead_en,
            )


def _check_number(text: ExpressionText, token: Token) -> None:
    if not token.text.isdecimal() or len(token.text) > 18 or int(token.text) > MAX_NUMBER:
        raise PolicyError(
            "expression-number", text.place(token.start), number=token.text, limit=MAX_NUMBER
        )


def _check_depth(text: ExpressionText, tokens: Iterable[Token]) -> None:
    """Brackets, CASE and runs of prefix operators nest; nothing else does without them."""
    depth = prefixes = 0
    for token in tokens:
        match token.token_type:
            case TokenType.L_PAREN | TokenType.CASE:
                depth += 1
            case TokenType.R_PAREN | TokenType.END:
                depth -= 1
        prefixed = token.token_type in (TokenType.NOT, TokenType.DASH, TokenType.PLUS)
        prefixes = prefixes + 1 if prefixed else 0
        if depth + prefixes > MAX_DEPTH:
            raise PolicyError("expression-too-deep", text.place(token.start), limit=MAX_DEPTH)
