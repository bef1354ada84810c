CREATE TABLE record (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    received_at_us INTEGER NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    headers BLOB NOT NULL,
    body BLOB NOT NULL,
    status INTEGER NOT NULL,
    reason TEXT,
    auth TEXT NOT NULL,
    event_id TEXT,
    duplicate_of INTEGER
);
CREATE INDEX record_event_id ON record (event_id) WHERE event_id IS NOT NULL;
CREATE TABLE event (
    uuid TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
) WITHOUT ROWID;
