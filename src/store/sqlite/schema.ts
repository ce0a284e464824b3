import { type ChosenTable, chosenName } from '../../sqlite/chosen-table.ts'
import type { Connection } from '../../sqlite/index.ts'

/** `RJEV`, at byte 68 of the file: how a Rejoin event log is known before anything opens it. */
export const applicationId = 0x524a4556

export const what = 'a Rejoin event log'

/** The events: in a file of its own choosing under another name, which the index tells. */
export const chosenTable: ChosenTable = { standard: 'events', index: 'events_id' }

/** What the table of events is called in this file. */
export function eventsTable(db: Connection): string {
  return chosenName(db, chosenTable) ?? chosenTable.standard
}

/**
 * Why a table of events can't have this name; `undefined` when it can. Names that later versions may need
 * are kept free: a table that is added from now on is called `rejoin_…`.
 */
export function nameProblem(name: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(name))
    return 'a name of letters, digits and _, at most 63, that does not start with a digit'
  const isTaken = taken.includes(name.toLowerCase()) || /^(sqlite|rejoin)_/i.test(name)
  return isTaken ? 'a name that no other table of the log has or may come to have' : undefined
}

/** All else that the migrations make. SQLite takes upper and lower case for the same. */
const taken: readonly string[] = [
  'log',
  'aggregates',
  'types',
  'origins',
  'marks',
  'links',
  'parked',
  'orphans',
  'events_id',
  'events_aggregate',
  'events_origin',
  'orphans_parent',
]

/**
 * One entry a schema version. The table of events always stands as "events", in double quotes. Keys are chosen for locality: positions are row ids, UUIDs 16 bytes in arrival order,
 * aggregates, types and origins small numbers.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE log (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    node     TEXT    NOT NULL,
    origin   TEXT    NOT NULL,
    sequence INTEGER NOT NULL,  -- the last of this origin
    position INTEGER NOT NULL,  -- the last given out; never reused
    clock    INTEGER NOT NULL,  -- the hybrid clock's last tick
    events   INTEGER NOT NULL,
    moved    INTEGER NOT NULL,  -- rows that stand after their children
    clashes  INTEGER NOT NULL,
    vias     INTEGER NOT NULL   -- the last link number given out
  );
  CREATE TABLE aggregates (
    key   INTEGER PRIMARY KEY,
    name  TEXT NOT NULL UNIQUE,
    heads TEXT                  -- JSON list of ids; NULL: its last event is the only head
  );
  CREATE TABLE types (key INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE origins (
    key     INTEGER PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    highest INTEGER NOT NULL    -- its greatest sequence here
  );
  CREATE TABLE "events" (
    position  INTEGER PRIMARY KEY,
    id                 NOT NULL,  -- BLOB of 16: a canonical UUID; TEXT: anything else
    aggregate INTEGER  NOT NULL,
    type      INTEGER,            -- NULL in a stub
    origin    INTEGER,            -- NULL: no causality
    sequence  INTEGER  NOT NULL,
    stamp     INTEGER  NOT NULL,
    parents,                      -- NULL: none; BLOB of 16: one UUID; TEXT: a JSON list
    schema    INTEGER  NOT NULL,
    hash      TEXT     NOT NULL,
    metadata  TEXT     NOT NULL,
    data      TEXT     NOT NULL,
    via       INTEGER,            -- the link it came over; NULL: appended here
    stub      INTEGER             -- NULL; 1 withheld, 2 erased, 3 compacted
  );
  CREATE UNIQUE INDEX events_id ON "events" (id);
  CREATE INDEX events_aggregate ON "events" (aggregate);
  CREATE INDEX events_origin ON "events" (origin, sequence);
  CREATE TABLE marks (first INTEGER PRIMARY KEY, mark TEXT NOT NULL);
  CREATE TABLE links (
    id           TEXT PRIMARY KEY,
    via          INTEGER NOT NULL,
    pulled       TEXT NOT NULL,
    pushed       TEXT NOT NULL,
    acknowledged TEXT NOT NULL,
    received     TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE parked (
    number  INTEGER PRIMARY KEY,
    link    TEXT NOT NULL,
    id      TEXT NOT NULL,
    reason  TEXT NOT NULL,
    message TEXT NOT NULL,
    UNIQUE (link, id)
  );
  `,
  `
  -- Events known without causality, whose headers wait for parents.
  CREATE TABLE orphans (
    id     PRIMARY KEY,      -- as in events
    parent NOT NULL,         -- one that is unknown
    frame  TEXT NOT NULL     -- the event with its header
  ) WITHOUT ROWID;
  CREATE INDEX orphans_parent ON orphans (parent);
  `,
  `
  -- Read models: see ProjectionSink.
  CREATE TABLE rejoin_projections (
    key  INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    head TEXT NOT NULL
  );
  CREATE TABLE rejoin_projected (
    projection INTEGER NOT NULL,
    space      TEXT NOT NULL,
    key        TEXT NOT NULL,
    value      TEXT NOT NULL,
    PRIMARY KEY (projection, space, key)
  ) WITHOUT ROWID;
  `,
  `
  -- Rows whose content is erased.
  ALTER TABLE log ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Where events stood before they took their header on.
  CREATE TABLE rejoin_first_places (
    position INTEGER PRIMARY KEY,
    id       NOT NULL UNIQUE  -- as in events
  );
  `,
  `
  -- How far peers that pull from here have come, as they said.
  CREATE TABLE rejoin_readers (
    id    TEXT PRIMARY KEY,
    up_to INTEGER NOT NULL,
    heard INTEGER NOT NULL   -- milliseconds since 1970
  ) WITHOUT ROWID;
  `,
]
