CREATE TABLE receiver (
    id INTEGER PRIMARY KEY,
    name TEXT UNIQUE
);
INSERT INTO receiver (id, name) VALUES (0, NULL);
ALTER TABLE record ADD COLUMN receiver_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX record_receiver ON record (receiver_id);
CREATE TABLE target_of_receiver (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    since_seq INTEGER NOT NULL,
    cursor INTEGER NOT NULL,
    receiver_id INTEGER NOT NULL DEFAULT 0,
    has_old INTEGER NOT NULL DEFAULT 0,
    UNIQUE (url, receiver_id)
);
INSERT INTO target_of_receiver (id, url, since_seq, cursor)
    SELECT id, url, since_seq, cursor FROM target;
DROP TABLE target;
ALTER TABLE target_of_receiver RENAME TO target;
