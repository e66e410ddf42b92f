-- Size of the reported mail in bytes, when it was enclosed whole.
ALTER TABLE item ADD COLUMN size BIGINT;
