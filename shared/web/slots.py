"""So many at once: of what is slow or large, a caller gets a share and the process keeps a bound."""

from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager

from shared.problems import ServiceBusy, TooManyRequests
from shared.values.bilingual import Bilingual

RETRY_AFTER = {"Retry-After": "5"}


class Slots:
    """Places for one kind of work, by caller and in all."""

    def __init__(self, what: Bilingual, *, a_caller: int, at_once: int) -> None:
        self._what = what
        self._a_caller = a_caller
        self._at_once = at_once
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, caller: str) -> Iterator[None]:
        """Hold a place while the block runs.

        Raises:
            TooManyRequests: the caller has its share already.
            ServiceBusy: no place is left for anybody.

        """
        if self._taken[caller] >= self._a_caller:
            raise self._caller_has_its_share()
        if self._taken.total() >= self._at_once:
            raise self._nothing_left()
        self._taken[caller] += 1
        try:
            yield
        finally:
            self._taken[caller] -= 1
            if not self._taken[caller]:
                del self._taken[caller]

    async def held(
        self, caller: str, content: AsyncGenerator[bytes, None]
    ) -> AsyncGenerator[bytes, None]:
        """Yield a long answer's parts and hold a place until it ends.

        Raises:
            TooManyRequests: the caller has its share already.
            ServiceBusy: no place is left for anybody.

        """
        with self.taken(caller):
            async with aclosing(content) as parts:
                async for part in parts:
                    yield part

    def _caller_has_its_share(self) -> TooManyRequests:
        return TooManyRequests(
            Bilingual(
                f"同一调用者同时最多 {self._a_caller} 个{self._what.zh}；请待其中一个结束后重试。",
                f"One caller may have {self._a_caller} {self._what.en} at once; "
                "try again when one of them has ended.",
            ),
            headers=RETRY_AFTER,
            limit=self._a_caller,
            remaining=0,
        )

    def _nothing_left(self) -> ServiceBusy:
        return ServiceBusy(
            Bilingual(
                f"服务同时最多处理 {self._at_once} 个{self._what.zh}；请稍后重试。",
                f"The service takes {self._at_once} {self._what.en} at once; try again shortly.",
            ),
            headers=RETRY_AFTER,
        )
