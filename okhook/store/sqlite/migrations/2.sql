DROP INDEX record_event_id;
DROP TABLE event;
ALTER TABLE record DROP COLUMN event_id;
ALTER TABLE record DROP COLUMN duplicate_of;
UPDATE record SET kind = 'canary'
    WHERE kind = 'delivery' AND instr(body, CAST('"urn:okhook:canary"' AS BLOB));
CREATE INDEX record_received_at ON record (received_at_us);
CREATE TABLE progress (
    name TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO progress (name, seq) VALUES ('recognised', 0), ('indexed', 0);
CREATE TABLE seen (
    hash INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (hash, seq)
) WITHOUT ROWID;
CREATE TABLE duplicate (
    seq INTEGER PRIMARY KEY,
    first_seq INTEGER NOT NULL
);
CREATE INDEX duplicate_first_seq ON duplicate (first_seq);
CREATE TABLE event_type (
    name TEXT PRIMARY KEY
) WITHOUT ROWID;
CREATE VIRTUAL TABLE word USING fts5(
    tags, words, content = '', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TABLE target (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    since_seq INTEGER NOT NULL,
    cursor INTEGER NOT NULL
);
CREATE TABLE forward (
    seq INTEGER NOT NULL,
    target_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at_us INTEGER,
    PRIMARY KEY (seq, target_id)
) WITHOUT ROWID;
CREATE INDEX forward_waiting ON forward (target_id, next_at_us) WHERE state = 'waiting';
CREATE INDEX forward_failed ON forward (seq) WHERE state = 'failed';
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    target TEXT NOT NULL,
    purpose TEXT NOT NULL,
    number INTEGER NOT NULL,
    began_at_us INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    status INTEGER,
    fault TEXT,
    reason TEXT,
    answer BLOB NOT NULL,
    answer_type TEXT
);
CREATE INDEX attempt_seq ON attempt (seq);
