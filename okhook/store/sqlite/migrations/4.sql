CREATE TABLE arrival (
    hour INTEGER NOT NULL,
    kind TEXT NOT NULL,
    event_type TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (hour, kind, event_type)
) WITHOUT ROWID;
