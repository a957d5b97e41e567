"""Work handed from the event loop to database threads, and its outcome handed back."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, Executable, Result
from sqlalchemy.orm import Session, SessionTransaction

from bot.errors import Busy
from db.base import Base
from db.prepared import Params, prepare
from db.statements import forms_of

T = TypeVar("T")


class UnitSession(Session):
    """What a unit of work gets: a session whose transaction belongs to the writer.

    A unit keeps its work by returning and undoes all of it by raising. `begin_nested` is its own affair.
    """

    def __init__(self, bind: Engine | Connection) -> None:
        super().__init__(bind, expire_on_commit=False)
        self._driver: object = None
        self._dialect = bind.dialect
        if isinstance(bind, Connection):
            # Whoever hands in a connection holds the transaction, so one of SQLAlchemy's begins only where a
            # unit uses more than what is `ready`: it costs as much as half a dozen statements.
            self._driver = bind.connection.dbapi_connection

    def execute(self, statement: Executable, params: Params | None = None, **options: Any) -> Result[Any]:
        """As SQLAlchemy's, but what is `ready` goes straight to the driver."""
        forms = None if options else forms_of(statement)
        known = None if forms is None else prepare(statement, params, forms, self._dialect)
        if known is None:
            return super().execute(statement, params, **options)
        if self._driver is None:
            self._driver = self.connection().connection.dbapi_connection
        self.flush()
        return known.run(self._driver, params)

    def finish(self) -> None:
        """Keep what the unit did; called by the job once the unit has returned."""
        if self.in_transaction():
            super().commit()
            super().close()

    def close(self) -> None:
        """Let go, undoing what was not kept; a session that began nothing has nothing to let go."""
        if self.in_transaction():
            super().close()

    def begin(self, nested: bool = False) -> SessionTransaction:
        """Not for units, they are in a transaction already. Raises RuntimeError unless nested."""
        if not nested:
            raise RuntimeError("a unit of work is in a transaction from the start")
        return super().begin(nested=True)

    def commit(self) -> None:
        """Not for units: the writer commits. Raises RuntimeError."""
        raise RuntimeError("a unit of work does not commit, it returns")

    def rollback(self) -> None:
        """Not for units: nothing may go on after it. Raises RuntimeError."""
        raise RuntimeError("a unit of work does not roll back, it raises")


class Attempt:
    """A `with` block whose exception is kept in `error`: it is a caller's and must not stop the thread."""

    __slots__ = ("error",)

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> None:
        self.error = None

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        self.error = error
        return True


class Job(Attempt, Generic[T]):
    """One call of a unit, from its caller to its outcome; `with job:` is one attempt at it.

    The caller waits on `loop` for `future`. Cancelling that ends the waiting, not the work.
    """

    __slots__ = ("_result", "_unit", "future", "loop")

    def __init__(self, unit: Callable[[Session], T]) -> None:
        super().__init__()
        self._unit = unit
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self.loop.create_future()
        self._result: Any = None

    def run(self, bind: Engine | Connection) -> None:
        """Call the unit with a session of its own, in a transaction of its own on `bind`."""
        with UnitSession(bind) as session:
            self._result = self._unit(session)
            _refuse_rows(self._result)
            session.finish()

    def settle(self) -> None:
        """Tell the caller, if it still waits. Runs on its event loop."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self._result)
        elif isinstance(self.error, StopIteration):  # a future cannot carry it
            self.future.set_exception(RuntimeError("the unit raised StopIteration"))
        else:
            self.future.set_exception(self.error)


class Workers:
    """Threads that take jobs from one bounded queue, up to `batch` at once, and give them to `work`.

    `work` leaves the outcome in the jobs; what it raises itself is told to all of them.
    """

    def __init__(
        self, name: str, work: Callable[[Sequence[Job[Any]]], None], *, threads: int, batch: int, queue: int
    ) -> None:
        self._work = work
        self._batch = batch
        self._limit = queue
        self._jobs: deque[Job[Any]] = deque()
        self._calls: SimpleQueue[None] = SimpleQueue()
        """For each thread that shall look at the jobs; one call too many does no harm."""
        self._calling: asyncio.AbstractEventLoop | None = None
        """The loop that will call at the end of its turn."""
        self._open = True
        self._gate = threading.Lock()
        self._threads = [
            threading.Thread(target=self._serve, name=f"{name}-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, unit: Callable[[Session], T]) -> asyncio.Future[T]:
        """Queue a call and return what to wait for. Raises Busy if the queue is full or closed."""
        job = Job(unit)
        with self._gate:
            if not self._open:
                raise Busy("the database is closed")
            if len(self._jobs) >= self._limit:
                raise Busy("too much is waiting for the database")
            self._jobs.append(job)
        if self._batch == 1:
            self._call()
        elif self._calling is not job.loop:
            # At the end of the loop's turn: whoever else was heard in this turn shares the batch, and nobody
            # fights the thread for the interpreter while the others are still being read.
            self._calling = job.loop
            job.loop.call_soon(self._call)
        return job.future

    def drain(self) -> None:
        """Take no more, finish what is queued, end the threads. Blocks; safe to call twice."""
        with self._gate:
            self._open = False
        self._call()
        for thread in self._threads:
            thread.join()

    def _call(self) -> None:
        self._calling = None
        self._calls.put(None)

    def _serve(self) -> None:
        while not self._is_over():
            self._calls.get()
            while jobs := self._next_batch():
                whole = Attempt()
                with whole:
                    self._work(jobs)
                hand_back(jobs, whole.error)
        self._call()  # and so the next thread learns that it is over

    def _is_over(self) -> bool:
        with self._gate:
            return not (self._open or self._jobs)

    def _next_batch(self) -> Sequence[Job[Any]]:
        with self._gate:
            return [self._jobs.popleft() for _ in range(min(self._batch, len(self._jobs)))]


def hand_back(jobs: Iterable[Job[Any]], trouble: BaseException | None) -> None:
    """Tell every caller its outcome, or `trouble` if there was any; each event loop is woken once."""
    loops: dict[asyncio.AbstractEventLoop, list[Job[Any]]] = {}
    for job in jobs:
        job.error = job.error if trouble is None else trouble
        loops.setdefault(job.loop, []).append(job)
    for loop, its_jobs in loops.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle_all, its_jobs)


def _settle_all(jobs: list[Job[Any]]) -> None:
    for job in jobs:
        job.settle()


def _refuse_rows(result: object) -> None:
    """Raise TypeError for mapped objects: they would outlive their session and lie."""
    parts = result if isinstance(result, list) or type(result) is tuple else (result,)
    if any(isinstance(part, Base) for part in parts):
        raise TypeError("a unit of work returns plain data, not mapped objects")
