-- The library's own table, which its migrations leave without this index; the nightly clearing reads it.
CREATE INDEX usersession_last_seen ON usersessions_usersession (last_seen_at);
