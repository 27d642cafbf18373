-- A suspect of which one channel may have been inverted is kept as it is heard both ways, each a fingerprint of its own.
-- Null for every other, and for what was fingerprinted before.
alter table suspect_fingerprint add column other_mix bytea;
alter table suspect_fingerprint alter column other_mix set storage external;  -- dense already, as the fingerprint
