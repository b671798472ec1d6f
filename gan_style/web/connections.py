"""Connections that only wait are closed: they count like all others, and anybody can open them."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

from gan_style.web import limits


class PunctualProtocol(H11Protocol):
    """Closed where no whole request has come in time, however slowly bytes keep coming."""

    late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self.watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self.forget()
        super().connection_lost(exc)

    def watch(self) -> None:
        """Time runs while nothing is being answered: before a request's end, and of a body nobody reads."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.forget()
        elif self.late is None:
            self.late = self.loop.call_later(limits.REQUEST_SECONDS, self.transport.close)

    def forget(self) -> None:
        if self.late:
            self.late.cancel()
        self.late = None
