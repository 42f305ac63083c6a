"""The tests' databases: clones of one migrated template, emptied and used again, since each clone is 700 files."""

import asyncio
import itertools
import os

import asyncpg

from backend.dev.embedded import create_database, database_url, drop_database
from backend.dev.programs import run_sql
from backend.migrate import migrate

TEMPLATE = "stemme_template"
MOST_MEGABYTES = 40

# Rows that the migrations brought are kept in a schema of their own, to be put back.
_REMEMBER = """
create schema seed;
do $$ declare name text; found boolean; begin
  for name in select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace loop
    execute format('select exists (select from %I)', name) into found;
    if found then execute format('create table seed.%I as table %I', name, name); end if;
  end loop;
end $$;
"""
# A test that changed the schema, switched a trigger off or wrote a lot leaves a database that is not worth emptying.
# Whoever is still connected goes first, and so lets go of its locks.
_EMPTY = f"""
do $$ declare name text; begin
  perform pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid();
  if pg_database_size(current_database()) > {MOST_MEGABYTES} * 1024 * 1024
     or exists (select from pg_trigger where tgenabled = 'D')
     or (select count(*) from pg_class where relnamespace = 'public'::regnamespace)
        <> (select relations from seed.shape) then
    raise exception 'used up';
  end if;
  set local session_replication_role = replica;
  for name in select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace loop
    execute format('delete from public.%I', name);
  end loop;
  for name in select relname from pg_class where relkind = 'r' and relnamespace = 'seed'::regnamespace
                                            and relname <> 'shape' loop
    execute format('insert into public.%I select * from seed.%I', name, name);
  end loop;
end $$;
"""
_SHAPE = """
create table seed.shape as
  select count(*) as relations from pg_class where relnamespace = 'public'::regnamespace
"""


def make_template(server_url: str) -> None:
    """The migrated database that all others are copies of."""
    url = create_database(server_url, TEMPLATE)
    migrate(url)
    run_sql(url, _REMEMBER)
    run_sql(url, _SHAPE)


class Databases:
    """The databases of one process: one is enough while tests run one after the other.

    It is emptied over one connection that stays: a new one would first read the whole catalogue, four times the work.
    """

    def __init__(self, server_url: str, runner: asyncio.Runner) -> None:
        self._server = server_url
        self._runner = runner
        self._numbers = itertools.count()
        self._spare: str | None = None
        self._connection: asyncpg.Connection | None = None
        self._connected_to = ""

    def take(self) -> str:
        """The name of an empty database."""
        name, self._spare = self._spare, None
        if name is None:
            name = f"test_{os.getpid()}_{next(self._numbers)}"
            create_database(self._server, name, template=TEMPLATE)
        return name

    def url(self, name: str) -> str:
        """The address of one."""
        return database_url(self._server, name)

    def give_back(self, name: str) -> None:
        """Empty it for the next test, or remove it."""
        try:
            self._runner.run(self._empty(name))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self.close()
            drop_database(self._server, name)
        else:
            self._spare = name

    def close(self) -> None:
        """Let go of the database."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _empty(self, name: str) -> None:
        if self._connection is None or self._connected_to != name:
            self.close()
            self._connection = await asyncpg.connect(self.url(name))
            self._connected_to = name
        await self._connection.execute(_EMPTY)
