"""`cavendish serve` and `cavendish worker`."""

from __future__ import annotations

import click

from cavendish.cli import data_option


@click.command()
@click.option("--host", help="Address to listen on [default: 127.0.0.1].")
@click.option("--port", type=int, help="TCP port [default: 8000]; 0 picks a free one.")
@data_option
@click.option("--concurrency", type=int, help="Generations at once in the worker [default: 16].")
@click.option("--no-worker", is_flag=True, help="Only the API; run 'cavendish worker' elsewhere.")
def serve(host: str | None, port: int | None, data: str | None, concurrency: int | None, no_worker: bool) -> None:
    """Start the service: API, worker and, unless CAVENDISH_DATABASE_URL is set, PostgreSQL."""
    from cavendish import settings
    from cavendish.processes import supervisor

    flags = {"host": host, "port": port, "data": data, "concurrency": concurrency}
    raise SystemExit(supervisor.run(settings.load(flags), flags, worker=not no_worker))


@click.command()
@data_option
@click.option("--concurrency", type=int, help="Generations at once in this worker [default: 16].")
def worker(data: str | None, concurrency: int | None) -> None:
    """Add a worker, on this machine or another that shares database and storage."""
    import os

    from cavendish import settings
    from cavendish.processes import supervisor
    from cavendish.processes import worker as main

    flags = {"data": data, "concurrency": concurrency}
    settings.load(flags)
    os.environ.update(supervisor.as_environment(flags))
    raise SystemExit(main.main())
