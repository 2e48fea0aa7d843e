"""Many records in one request, with an outcome for every one of them."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from pydantic import Field, ValidationError, WrapValidator

from shared.problems import Collision, Problem
from shared.values.bilingual import Bilingual
from shared.web.validation import invalid_request
from shared.web.wire import WireModel
from shared.web.work import Work

MAX_ITEMS = 1000
Item = TypeVar("Item", bound=WireModel)


class BatchMode(StrEnum):
    """What one failed item does to the others: 全部或全不 all_or_nothing, 逐条 each."""

    ALL_OR_NOTHING = "all_or_nothing"
    EACH = "each"


class ItemOutcome(StrEnum):
    """What became of an item; 未写入 skipped: sound itself, but not written beside a failed one."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SKIPPED = "skipped"


class Batch(WireModel, Generic[Item]):
    """Records to write together 批量."""

    mode: Annotated[BatchMode, Field(description=BatchMode.__doc__)]
    # Each item is validated on its own, so that a bad one does not hide the outcome of the others.
    items: Annotated[
        list[Annotated[Item, WrapValidator(lambda item, _: item)]],
        Field(min_length=1, max_length=MAX_ITEMS),
    ]


class InTwoLanguages(WireModel):
    """A sentence in Chinese and English."""

    zh: str
    en: str

    @classmethod
    def of(cls, sentence: Bilingual) -> "InTwoLanguages":
        """Return the wire form of a sentence."""
        return cls(zh=sentence.zh, en=sentence.en)


class ItemError(WireModel):
    """What is wrong with one field of an item."""

    pointer: Annotated[str, Field(description="JSON pointer within the item", examples=["/year"])]
    code: str
    detail: InTwoLanguages


class ItemResult(WireModel):
    """One item of a batch and what became of it 逐条结果."""

    index: Annotated[int, Field(description="序号，从 0 起 place in the request")]
    outcome: Annotated[ItemOutcome, Field(description=ItemOutcome.__doc__)]
    id: Annotated[UUID | None, Field(description="记录编号 null if nothing is recorded")] = None
    code: Annotated[str | None, Field(description="失败原因代码 stable, null unless failed")] = None
    detail: InTwoLanguages | None = None
    errors: list[ItemError] = Field(default=[])


class BatchAnswer(WireModel):
    """The outcome of every item, in the order sent."""

    counts: Annotated[
        dict[ItemOutcome, int],
        Field(description="各结果的条数", examples=[{"created": 12, "unchanged": 3}]),
    ]
    items: list[ItemResult]


class BatchRefused(Problem):
    status, code = 422, "batch-refused"
    title = Bilingual("批量内容未写入", "The batch was not written")


async def carry_out(
    work: Work,
    batch: Batch[Item],
    model: type[Item],
    write: Callable[[Item], Awaitable[tuple[ItemOutcome, UUID]]],
) -> BatchAnswer:
    """Write each item in its own savepoint; ``write`` returns its outcome and the record's id.

    Raises:
        BatchRefused: an item failed and the mode is all_or_nothing; carries the outcome of every
            item under ``items``.

    """
    results = [
        await _one(work, index, item, model, write) for index, item in enumerate(batch.items)
    ]
    if batch.mode is BatchMode.ALL_OR_NOTHING and any(map(_failed, results)):
        raise _refused([one if _failed(one) else _skipped(one) for one in results])
    return BatchAnswer(counts=_counts(results), items=results)


async def _one(
    work: Work,
    index: int,
    item: object,
    model: type[Item],
    write: Callable[[Item], Awaitable[tuple[ItemOutcome, UUID]]],
) -> ItemResult:
    try:
        content = model.model_validate(item)
        try:
            async with work.session.begin_nested():
                outcome, record_id = await write(content)
        except Collision:
            # Somebody else recorded it meanwhile, which is seen by now.
            async with work.session.begin_nested():
                outcome, record_id = await write(content)
    except ValidationError as error:
        return _failure(index, invalid_request(error.errors(), inside="body"))
    except Problem as problem:
        return _failure(index, problem)
    return ItemResult(index=index, outcome=outcome, id=record_id)


def _failure(index: int, problem: Problem) -> ItemResult:
    return ItemResult(
        index=index,
        outcome=ItemOutcome.FAILED,
        code=problem.code,
        detail=InTwoLanguages.of(problem.detail),
        errors=[
            ItemError(pointer=pointer, code=code, detail=InTwoLanguages.of(detail))
            for pointer, code, detail in problem.errors
        ],
    )


def _refused(results: Sequence[ItemResult]) -> BatchRefused:
    failed = sum(map(_failed, results))
    return BatchRefused(
        Bilingual(
            f"{len(results)} 条中有 {failed} 条有误，全部未写入；原因见 items，改正后重发，"
            "或以 mode 为 each 逐条写入。",
            f"{failed} of {len(results)} items failed, so nothing was written; see items, correct "
            "them and send again, or write item by item with the mode each.",
        ),
        counts=_counts(results),
        items=[one.model_dump(mode="json") for one in results],
    )


def _failed(result: ItemResult) -> bool:
    return result.outcome is ItemOutcome.FAILED


def _skipped(result: ItemResult) -> ItemResult:
    return ItemResult(index=result.index, outcome=ItemOutcome.SKIPPED)


def _counts(results: Sequence[ItemResult]) -> dict[ItemOutcome, int]:
    return dict(Counter(one.outcome for one in results))
