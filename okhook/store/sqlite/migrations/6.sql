CREATE TABLE copy (
    source TEXT NOT NULL,
    up_to INTEGER NOT NULL,
    is_complete INTEGER NOT NULL
);
