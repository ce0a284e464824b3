/** `RJST`, at byte 68 of the file: how a Rejoin state storage is known before anything opens it. */
export const stateApplicationId = 0x524a5354

export const stateWhat = 'a Rejoin state storage'

/**
 * One entry a schema version. A row stays where it is when its path is written again, and only the small index on
 * positions changes: rows kept in feed order took twice as long to write. What links and marks need has the names
 * that it has in an event log.
 */
export const stateMigrations: readonly string[] = [
  `
  CREATE TABLE rejoin_state (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    node     TEXT    NOT NULL,
    origin   TEXT    NOT NULL,
    position INTEGER NOT NULL,  -- the last given out; never reused
    clock    INTEGER NOT NULL,  -- the hybrid clock's last tick
    vias     INTEGER NOT NULL,  -- the last link number given out
    horizon  INTEGER NOT NULL   -- the greatest position of a tombstone that was collected
  );
  CREATE TABLE rejoin_rows (
    key      INTEGER PRIMARY KEY,
    path     TEXT    NOT NULL UNIQUE,
    position INTEGER NOT NULL,
    created  INTEGER NOT NULL,
    updated  INTEGER NOT NULL,
    data     TEXT,              -- NULL: a tombstone
    note     TEXT    NOT NULL,
    via      INTEGER            -- the link it came over; NULL: written here
  );
  CREATE UNIQUE INDEX rejoin_positions ON rejoin_rows (position);
  CREATE INDEX rejoin_tombstones ON rejoin_rows (position) WHERE data IS NULL;
  CREATE TABLE rejoin_collected (
    list TEXT PRIMARY KEY,
    time INTEGER NOT NULL       -- the greatest time of a delete whose tombstone is gone
  ) WITHOUT ROWID;
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
  -- The position that the last collection took for itself.
  ALTER TABLE rejoin_state ADD COLUMN swept INTEGER NOT NULL DEFAULT 0;
  -- Writes that came too late, each at the position of the tombstone in its place.
  CREATE TABLE rejoin_late (
    position INTEGER PRIMARY KEY,
    path     TEXT    NOT NULL,
    created  INTEGER NOT NULL,
    updated  INTEGER NOT NULL,
    data     TEXT    NOT NULL,
    note     TEXT    NOT NULL,
    via      TEXT    NOT NULL,  -- who brought it
    at       INTEGER NOT NULL   -- milliseconds since 1970
  );
  -- Where the feed ended at some times, in milliseconds since 1970.
  CREATE TABLE rejoin_ends (at INTEGER PRIMARY KEY, position INTEGER NOT NULL);
  -- How far peers that pull from here have come, as they said.
  CREATE TABLE rejoin_readers (
    id    TEXT PRIMARY KEY,
    up_to INTEGER NOT NULL,
    heard INTEGER NOT NULL   -- milliseconds since 1970
  ) WITHOUT ROWID;
  `,
  `
  -- 1: it has read from another storage at some time. A link that starts over no longer shows it.
  ALTER TABLE rejoin_state ADD COLUMN reads INTEGER NOT NULL DEFAULT 0;
  UPDATE rejoin_state SET reads = EXISTS (SELECT 1 FROM links WHERE pulled <> '');
  `,
]
